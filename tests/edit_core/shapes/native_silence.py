"""Native answers under HTTP 200 that hold no picture."""

from __future__ import annotations

from typing import Any

from .building import Shape, b64, cut, dump, inline, native, native_end


def _case(id: str, document: Any, kind: str, *, charged: str = "", **more: Any) -> Shape:
    body = document if isinstance(document, bytes) else dump(document)
    charged = charged or ("yes" if kind in ("blocked", "no_image") else "maybe")
    return Shape(id, "native", body, kind=kind, charged=charged, **more)


def _blocked(reason: str, **more: Any) -> dict[str, Any]:
    return {"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 280}, **more}


_FINISHES = (
    ("IMAGE_SAFETY", "blocked", False),
    ("SAFETY", "blocked", False),
    ("PROHIBITED_CONTENT", "blocked", False),
    ("RECITATION", "blocked", False),
    ("BLOCKLIST", "blocked", False),
    ("SPII", "blocked", False),
    ("image_prohibited_content", "blocked", False),
    ("IMAGE_OTHER", "no_image", True),
    ("MAX_TOKENS", "no_image", False),
    ("LANGUAGE", "no_image", False),
    ("UNEXPECTED_TOOL_CALL", "no_image", False),
    ("MISSING_THOUGHT_SIGNATURE", "bad_request", False),
)

NATIVE_SILENCE = (
    *(_case(f"finish {word}", native_end(word), kind, retryable=again, says=word) for word, kind, again in _FINISHES),
    *(
        _case(f"block {word}", _blocked(word), "blocked", says=word)
        for word in ("OTHER", "SAFETY", "BLOCKLIST", "MODEL_ARMOR", "JAILBREAK", "SOMETHING_NEW")
    ),
    _case("nr02 blocked, candidates are empty", _blocked("OTHER", candidates=[]), "blocked"),
    _case("nr02 blocked in snake case", {"prompt_feedback": {"block_reason": "OTHER"}}, "blocked"),
    _case(
        "nr04 content is empty, a message explains",
        native_end("IMAGE_SAFETY", content={}, finishMessage="Unable to show the generated image."),
        "blocked",
        says="Unable to show the generated image.",
    ),
    _case("nr05 parts are null", native_end("NO_IMAGE", content={"parts": None}), "no_image", retryable=True),
    _case("nr05 parts are null after STOP", native_end("STOP", content={"parts": None}), "no_image", retryable=True),
    _case(
        "nr07 no content, a message explains",
        native_end("PROHIBITED_CONTENT", finishMessage="Reworded prompts may work."),
        "blocked",
        says="Reworded prompts may work.",
    ),
    _case("nr10 thoughts used the budget", native({"text": ""}, finish="MAX_TOKENS"), "no_image"),
    _case(
        "nr12 candidates are null",
        {"candidates": None, "usageMetadata": {"candidatesTokenCount": 0}},
        "no_image",
        retryable=True,
    ),
    _case(
        "nr13 candidates is an object that tells an error",
        {"candidates": {"content": {"parts": [{"text": "所有API密钥均请求失败"}], "role": "model"}}},
        "upstream",
        retryable=True,
        says="所有API密钥均请求失败",
    ),
    _case(
        "nr13 candidates is an object with other words",
        {"candidates": {"content": {"parts": [{"text": "Upstream gave up."}]}, "index": 0}},
        "upstream",
        retryable=True,
        says="Upstream gave up.",
    ),
    _case("nr15 content is null", native_end("STOP", content=None), "no_image", retryable=True),
    _case("nr15 no reason either", {"candidates": [{"index": 0}]}, "no_image", retryable=True),
    _case("nr15 candidate is null", {"candidates": [None]}, "no_image", retryable=True),
    _case(
        "nr18 picture breaks off",
        native({"inlineData": {"mimeType": "image/png", "data": cut("green.png")}}),
        "malformed",
        retryable=True,
    ),
    _case(
        "nr18 base64 of nothing",
        native({"inlineData": {"mimeType": "image/png", "data": "!!!!"}}),
        "malformed",
        retryable=True,
    ),
    _case(
        "nr18 base64 of a web page",
        native({"inlineData": {"data": "PGh0bWw+PC9odG1sPg=="}}),
        "malformed",
        retryable=True,
    ),
    _case(
        "nr20 data is empty", native({"inlineData": {"mimeType": "image/png", "data": ""}}), "no_image", retryable=True
    ),
    _case(
        "nr20 data is null", native({"inlineData": {"mimeType": "image/png", "data": None}}), "no_image", retryable=True
    ),
    _case(
        "nr20 data is a number",
        native({"inlineData": {"mimeType": "image/png", "data": 7}}),
        "no_image",
        retryable=True,
    ),
    _case("nr21 cut within the picture", dump(native(inline("green.png")))[:150], "malformed", retryable=True),
    _case("nr21 cut within pretty JSON", b'{\n "candidates": [\n  {\n   "content": {}\n', "malformed", retryable=True),
    _case(
        "a draft before unknown words is the result of nobody",
        native(inline("red.jpg", thought=True), finish="SAFETY"),
        "blocked",
    ),
    _case(
        "a thought's picture before a block",
        native({"text": f"![]({b64('red.png')})", "thought": True}, finish="SAFETY"),
        "blocked",
    ),
    _case(
        "grounding alone is no picture",
        native(
            {"text": "See"}, groundingMetadata={"groundingChunks": [{"image": {"imageUri": "https://a.example/x.png"}}]}
        ),
        "no_image",
        says="See",
    ),
    _case(
        "a film alone", native({"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}), "no_image", retryable=True
    ),
    _case(
        "a link in the words", native({"text": "Look at [this](https://a.example/x.png)."}), "no_image", says="Look at"
    ),
    _case("null", b"null", "malformed", retryable=True),
    _case("a number", b"42", "malformed", retryable=True),
    _case("an empty list", b"[]", "malformed", retryable=True),
    _case("an empty object", b"{}", "malformed", retryable=True),
    _case("nothing but blanks", b" \r\n\r\n ", "malformed", retryable=True),
    _case("a byte order mark alone", b"\xef\xbb\xbf", "malformed", retryable=True),
    _case("plain words", b"upstream hiccup", "malformed", retryable=True, says="upstream hiccup"),
    _case("plain words naming a status", b"error code: 524", "timeout", retryable=True),
)
