"""Native answers with a picture."""

from __future__ import annotations

import base64
from typing import Any

from .building import LINK, OTHER_LINK, PICTURES, SIGNATURE, Shape, b64, dump, inline, native, url

NOISE = base64.b64decode(b64("noise.png"))


def _case(id: str, document: Any, *pictures: str, **more: Any) -> Shape:
    return Shape(id, "native", dump(document) if not isinstance(document, bytes) else document, pictures, **more)


def _held(holder: str, **values: Any) -> dict[str, Any]:
    return native({holder: values})


def _wrapped(data: str) -> dict[str, Any]:
    return _held("inlineData", mimeType="image/png", data=data)


_TWO = [
    {"index": 0, "content": {"parts": [{"text": "one"}, inline("red.png")]}, "finishReason": "STOP"},
    {"index": 1, "content": {"parts": [inline("blue.png"), {"text": "two"}]}, "finishReason": "STOP"},
]

NATIVE_PICTURES = (
    _case("n01 jpeg with a signature", native(inline("green.jpg", thoughtSignature=SIGNATURE)), "green.jpg"),
    _case("n03 picture before the text", native(inline("green.png"), {"text": "Done."}), "green.png", says="Done."),
    _case(
        "n05 drafts that lost their flag come in order",
        native(*(inline(name, thoughtSignature=SIGNATURE) for name in ("red.jpg", "orange.jpg", "green.jpg"))),
        "red.jpg",
        "orange.jpg",
        "green.jpg",
    ),
    _case("n07 snake case", _held("inline_data", mime_type="image/png", data=b64("green.png")), "green.png"),
    _case("n08 camel within snake", _held("inline_data", mimeType="image/png", data=b64("green.png")), "green.png"),
    _case("n09 no type at all", _held("inlineData", data=b64("green.webp")), "green.webp"),
    _case("n09 type is null", _held("inlineData", mimeType=None, data=b64("green.webp")), "green.webp"),
    _case("n11 link in markdown", native({"text": f"Here:\n\n![image]({LINK})"}), links=(LINK,), says="Here:"),
    _case("n11 two links", native({"text": f"![a]({LINK})\n![b]({OTHER_LINK})"}), links=(LINK, OTHER_LINK)),
    _case("n12 fileData in snake case", _held("file_data", file_uri=LINK), links=(LINK,)),
    _case("n13 wrapped in response", {"response": native(inline("green.png")), "traceId": "t"}, "green.png"),
    _case("n13 wrapped twice over", [{"response": native(inline("green.png"))}], "green.png"),
    _case("n13 wrapped in data", {"code": 0, "message": "ok", "data": native(inline("green.png"))}, "green.png"),
    _case("n15 between texts", native({"text": "A"}, inline("green.png"), {"text": "B"}), "green.png", says="AB"),
    _case("n17 list of chunks", [native({"text": "Hi"}, finish=None), native(inline("green.png"))], "green.png"),
    _case("n17 list in lists", [[native({"text": "Hi"})], [[native(inline("green.png"))]]], "green.png"),
    _case("n19 no padding", _wrapped(b64("green.png").rstrip("=")), "green.png"),
    _case("n20 url-safe, no padding", _wrapped(base64.urlsafe_b64encode(NOISE).decode().rstrip("=")), "noise.png"),
    _case("n21 CRLF within", _wrapped("\r\n".join([b64("green.png")[:76], b64("green.png")[76:]])), "green.png"),
    _case("n21 wrapped at 64 with blanks", _wrapped(f" {b64('noise.png')[:64]} {b64('noise.png')[64:]} "), "noise.png"),
    _case("n22 data URL with parameters", _wrapped(url("green.png", "image/png;charset=utf-8")), "green.png"),
    _case("n22 data URL twice", _wrapped("data:image/png;base64," + url("green.png")), "green.png"),
    _case("n22 data URL in capitals", _wrapped(f"DATA:IMAGE/PNG;BASE64,{b64('green.png')}"), "green.png"),
    _case("n23 percent signs", _wrapped(b64("noise.png").replace("+", "%2B").replace("/", "%2F")), "noise.png"),
    _case("n23 escaped slashes", dump(_wrapped(b64("noise.png"))).replace(b"/", b"\\/"), "noise.png"),
    _case("link where base64 belongs", _wrapped(LINK), links=(LINK,)),
    _case(
        "type says bytes only", _held("inlineData", mimeType="application/octet-stream", data=b64("red.jpg")), "red.jpg"
    ),
    _case(
        "film beside the picture",
        native({"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}, inline("red.png")),
        "red.png",
    ),
    _case("same picture twice", native(inline("green.png"), inline("green.png")), "green.png"),
    _case("bytes and a link for one picture", native(inline("green.png"), {"text": f"![image]({LINK})"}), "green.png"),
    _case("two candidates", {"candidates": _TWO}, "red.png", "blue.png", says="one"),
    _case("candidates is an object", {"candidates": native(inline("green.png"))["candidates"][0]}, "green.png"),
    _case("parts is an object", {"candidates": [{"content": {"parts": inline("green.png")}}]}, "green.png"),
    _case("parts in lists", {"candidates": [[{"content": {"parts": [[inline("green.png")]]}}]]}, "green.png"),
    _case("content is a list of parts", {"candidates": [{"content": [inline("green.png")]}]}, "green.png"),
    _case("content is a text", {"candidates": [{"content": f"Hi ![]({url('green.png')})"}]}, "green.png", says="Hi"),
    _case("part is a text", {"candidates": [{"content": {"parts": [f"![]({url('green.png')})"]}}]}, "green.png"),
    _case(
        "nulls everywhere",
        native(
            None,
            {"text": None, "inlineData": None},
            inline("green.png", thought=None),
            promptFeedback=None,
            usageMetadata=None,
        ),
        "green.png",
    ),
    _case("empty parts around it", native({}, {"text": ""}, inline("green.png"), {"inlineData": {}}), "green.png"),
    _case("numbers as texts", native(inline("green.png"), usageMetadata={"promptTokenCount": "264"}), "green.png"),
    _case(
        "safety ratings and an empty block reason",
        native(inline("green.png"), promptFeedback={"blockReason": "", "safetyRatings": []}),
        "green.png",
    ),
    _case(
        "an empty error beside it",
        native(inline("green.png"), error={"code": 0, "message": "", "details": []}),
        "green.png",
    ),
    _case(
        "an error of nulls beside it", native(inline("green.png"), error={"code": None, "message": None}), "green.png"
    ),
    _case(
        "thought flag as a text",
        native(inline("red.png", thought="true"), inline("green.png")),
        "green.png",
        drafts=("red.png",),
    ),
    _case("thought flag is false", native(inline("green.png", thought=False)), "green.png"),
    _case(
        "only drafts: the last is the result",
        native(inline("red.jpg", thought=True), inline("green.jpg", thought=True)),
        "green.jpg",
        drafts=("red.jpg",),
    ),
    _case(
        "draft that is the result as well", native(inline("green.jpg", thought=True), inline("green.jpg")), "green.jpg"
    ),
    _case(
        "picture in the words of a thought only",
        native({"text": f"![d]({url('red.png')})", "thought": True}),
        "red.png",
    ),
    _case(
        "picture in a thought beside the result",
        native({"text": f"![d]({url('red.png')})", "thought": True}, inline("green.png")),
        "green.png",
        drafts=("red.png",),
    ),
    _case("picture though the reason is a block", native(inline("green.png"), finish="IMAGE_SAFETY"), "green.png"),
    _case("picture though tokens ran out", native(inline("green.png"), finish="MAX_TOKENS"), "green.png"),
    _case("data URL alone in a text", native({"text": url("green.png")}), "green.png"),
    _case("base64 alone in a text", native({"text": b64("green.jpg")}), "green.jpg"),
    _case(
        "data URL cut into two texts",
        native({"text": url("green.png")[:40]}, {"text": url("green.png")[40:]}),
        "green.png",
    ),
    _case("html image", native({"text": f'Here <img alt="x" src="{LINK}"/>'}), links=(LINK,), says="Here"),
    _case("html image with a data URL", native({"text": f"<img src='{url('green.png')}'>"}), "green.png"),
    _case(
        "link in capitals",
        native({"text": f"![x]({LINK.replace('https', 'HTTPS')})"}),
        links=(LINK.replace("https", "HTTPS"),),
    ),
    _case("byte order mark and newlines", b"\xef\xbb\xbf\n\n\r\n" + dump(native(inline("green.png"))), "green.png"),
    _case("garbage behind", dump(native(inline("green.png"))) + b"\n<!-- served by cache -->", "green.png"),
    _case(
        "two documents in a row", dump(native({"text": "A"})) + dump(native(inline("green.png"))), "green.png", says="A"
    ),
    _case(
        "a bad byte in the words",
        dump(native({"text": "caf@"}, inline("green.png"))).replace(b"@", b"\xe9"),
        "green.png",
        says="caf�",
    ),
    _case(
        "half a surrogate in the words",
        dump(native({"text": "@"}, inline("green.png"))).replace(b"@", b"\\ud83d"),
        "green.png",
        says="?",
    ),
    _case(
        "raw newline within a string",
        dump(native({"text": "a@b"}, inline("green.png"))).replace(b"@", b"\n"),
        "green.png",
        says="a\nb",
    ),
    _case("NaN in the ratings", dump(native(inline("green.png"), score="@")).replace(b'"@"', b"NaN"), "green.png"),
    _case(
        "picture-only model",
        {"predictions": [{"bytesBase64Encoded": b64("green.png"), "mimeType": "image/png"}]},
        "green.png",
    ),
    _case("the other format answers", {"choices": [{"message": {"content": f"![]({url('green.png')})"}}]}, "green.png"),
    _case(
        "eight of ten drafts are kept", native(*(inline(name) for name in list(PICTURES)[:10])), *list(PICTURES)[2:10]
    ),
)
