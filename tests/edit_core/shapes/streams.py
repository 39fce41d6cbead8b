"""Streamed answers, and answers framed as streams."""

from __future__ import annotations

from typing import Any

from .building import (
    LINK,
    SIGNATURE,
    Shape,
    b64,
    chat,
    delta,
    dump,
    image_item,
    inline,
    native,
    native_end,
    pieces,
    sse,
    url,
)

GREEN = f"![image]({url('green.png')})"
STOP = delta(finish="stop")
HEADERS = {"content-type": "text/event-stream"}


def _native(id: str, body: bytes, *pictures: str, **more: Any) -> Shape:
    return Shape(f"stream {id}", "native", body, pictures, headers=HEADERS, **more)


def _chat(id: str, body: bytes, *pictures: str, **more: Any) -> Shape:
    return Shape(f"stream {id}", "chat", body, pictures, headers=HEADERS, **more)


def _in_turns(*texts: str) -> list[dict[str, Any]]:
    """The chunks of several choices that arrive in turns."""
    rows = zip(*(pieces(text, 30) for text in texts), strict=False)
    return [
        {"choices": [{"index": index, "delta": {"content": part}}]} for row in rows for index, part in enumerate(row)
    ]


_USAGE = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}
_ERROR = {
    "error": {"code": "server_error", "message": "Provider disconnected"},
    "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
}
_NATIVE_ERROR = {"error": {"code": 429, "message": "busy", "status": "RESOURCE_EXHAUSTED"}}

STREAMS = (
    _native(
        "ns02 drafts, then the picture",
        sse(
            native({"text": "Hm", "thought": True}, inline("red.jpg", thought=True), finish="STOP"),
            native(inline("green.jpg", thoughtSignature=SIGNATURE)),
            done=False,
        ),
        "green.jpg",
        drafts=("red.jpg",),
    ),
    _native(
        "ns03 refused with a reason only",
        sse(native_end("IMAGE_SAFETY", finishMessage="Not shown."), done=False),
        kind="blocked",
        says="Not shown.",
        charged="yes",
    ),
    _native(
        "ns03 refused after words",
        sse(native({"text": "Let me"}, finish=None), native_end("PROHIBITED_CONTENT")),
        kind="blocked",
        charged="yes",
    ),
    _native("ns04 error after the picture", sse(native(inline("green.png"), finish=None), _NATIVE_ERROR), "green.png"),
    _native(
        "ns06 each chunk wrapped",
        sse(
            {"response": native({"text": "Hi"}, finish=None)}, {"response": native(inline("green.png")), "traceId": "t"}
        ),
        "green.png",
        says="Hi",
    ),
    _native("ns07 one plain JSON", dump(native(inline("green.png"))), "green.png"),
    _native("ns07 a list of chunks", dump([native({"text": "Hi"}), native(inline("green.png"))]), "green.png"),
    _native("ns09 no events", b"", kind="malformed", retryable=True, charged="maybe"),
    _native("ns09 comments only", b": ping\n\n: ping\n\n", kind="malformed", retryable=True, charged="maybe"),
    _native("ns09 the end mark only", b"data: [DONE]\n\n", kind="malformed", retryable=True, charged="maybe"),
    _native("ns11 bare JSON error", dump(_NATIVE_ERROR), kind="rate_limit", retryable=True, charged="maybe"),
    _native("ns11 bare JSON error in a list", dump([_NATIVE_ERROR]), kind="rate_limit", retryable=True),
    _native(
        "ns12 drafts unflagged",
        sse(
            *(
                native(inline(name, thoughtSignature=SIGNATURE), finish=None)
                for name in ("red.jpg", "orange.jpg", "green.jpg")
            ),
            native_end("STOP"),
        ),
        "red.jpg",
        "orange.jpg",
        "green.jpg",
    ),
    _native(
        "words only, no reason",
        sse(native({"text": "Here"}, finish=None), native({"text": " it"}, finish=None)),
        kind="malformed",
        retryable=True,
        says="Here it",
    ),
    _native("prompt blocked", sse({"promptFeedback": {"blockReason": "OTHER"}}), kind="blocked", charged="yes"),
    _native(
        "candidates in turns",
        sse(
            *(
                {"candidates": [{"index": n, "content": {"parts": [{"text": part}]}}]}
                for left, right in zip(pieces(url("red.png"), 50), pieces(url("blue.png"), 50), strict=True)
                for n, part in enumerate((left, right))
            )
        ),
        "red.png",
        "blue.png",
    ),
    _chat("cs01 comments and a usage chunk", b": PING\n\n" + sse(delta(""), delta(GREEN), STOP, _USAGE), "green.png"),
    _chat(
        "cs03 sketch in reasoning, picture in content",
        sse(delta(reasoning_content=f"Hm\n![image]({url('red.jpg')})"), delta(GREEN), STOP),
        "green.png",
        drafts=("red.jpg",),
    ),
    _chat(
        "cs03 two pictures in reasoning",
        sse(
            delta(reasoning_content=f"![image]({url('red.jpg')})"),
            delta(reasoning_content=f"\n![image]({url('green.jpg')})"),
            STOP,
        ),
        "red.jpg",
        "green.jpg",
    ),
    _chat(
        "cs05 index begins anew in each chunk",
        sse(delta(images=[image_item("red.png", index=0)]), delta(images=[image_item("blue.png", index=0)]), STOP),
        "red.png",
        "blue.png",
    ),
    _chat(
        "cs07 first content is a list",
        sse(delta([{"type": "text", "text": "Hi "}]), delta("there "), delta(GREEN), STOP),
        "green.png",
        says="Hi there",
    ),
    _chat(
        "cs07 first content is a list with the picture",
        sse(delta([{"type": "image_url", "image_url": {"url": url("green.png")}}]), delta("ok"), STOP),
        "green.png",
        says="ok",
    ),
    _chat(
        "cs09 progress in reasoning, picture with the end",
        sse(
            delta(reasoning_content="进度 48..[100](https://p.example/t.webp)\n"),
            delta(f"![Generated Image]({LINK})", "stop"),
        ),
        links=(LINK,),
    ),
    _chat(
        "cs10 error event, no end mark",
        sse(delta("Hm"), _ERROR, done=False),
        kind="upstream",
        retryable=True,
        says="Provider disconnected",
    ),
    _chat(
        "cs10 error event named so",
        b'event: error\ndata: {"message": "overloaded", "type": "server_error"}\n\n',
        kind="upstream",
        retryable=True,
    ),
    _chat(
        "cs10 error event after words",
        sse(delta("Hm")) + b'data: {"code": 429, "message": "busy"}\n\n',
        kind="rate_limit",
        retryable=True,
    ),
    _chat("cs13 no blank after the colon", sse(delta(GREEN), STOP, head="data:"), "green.png"),
    _chat("cs13 no blank lines", sse(delta(GREEN), STOP, end="\n"), "green.png"),
    _chat("cs13 three blank lines", sse(delta(GREEN), STOP, end="\n\n\n\n"), "green.png"),
    _chat("cs13 CRLF", sse(delta(GREEN), STOP, end="\r\n\r\n"), "green.png"),
    _chat("cs13 CR alone", sse(delta(GREEN), STOP, end="\r\r"), "green.png"),
    _chat(
        "cs13 event and id lines", sse(delta(GREEN), STOP, head="event: message\nid: 1\nretry: 3\ndata: "), "green.png"
    ),
    Shape(
        "stream cs15 though nobody asked",
        "chat",
        sse(delta(GREEN), STOP),
        ("green.png",),
        headers={"content-type": "application/json"},
    ),
    _chat(
        "cs17 comments in between",
        b": OPENROUTER PROCESSING\n\n" * 3
        + sse(delta(GREEN[:60]))
        + b": WAITING FOR UPSTREAM\n\n"
        + sse(delta(GREEN[60:]), STOP),
        "green.png",
    ),
    _chat(
        "cs19 the full message at the end",
        sse(
            delta("Hi", images=[image_item("green.png")]),
            {
                "choices": [
                    {
                        "index": 0,
                        "message": {"content": "Hi", "images": [image_item("green.png")]},
                        "finish_reason": "stop",
                    }
                ]
            },
        ),
        "green.png",
        says="Hi",
    ),
    _chat(
        "cs19 the full message without the picture",
        sse(delta(GREEN), {"choices": [{"index": 0, "message": {"content": "Done"}, "finish_reason": "stop"}]}),
        "green.png",
        says="Done",
    ),
    _chat("cs23 heartbeats", sse({}, {"choices": [{"delta": {}}]}, {"choices": [{}]}, delta(GREEN), STOP), "green.png"),
    _chat(
        "cs23 progress objects",
        sse({"type": "ping", "message": "in the queue"}, {"msg": "working"}, delta(GREEN), STOP),
        "green.png",
    ),
    _chat("cs24 error, then the end mark", sse(delta(""), {**_ERROR, "choices": []}), kind="upstream", retryable=True),
    _chat("cs24 error is a text", sse(delta(""), {"error": "rate limit exceeded"}), kind="rate_limit", retryable=True),
    _chat("cs24 error in a list", sse(delta(""), [{"error": {"message": "no money", "code": 402}}]), kind="payment"),
    _chat(
        "cs26 all index zero in one chunk",
        sse(delta(images=[image_item("red.png", index=0), image_item("blue.png", index=0)]), STOP),
        "red.png",
        "blue.png",
    ),
    _chat(
        "cs26 the same picture in two chunks",
        sse(delta(images=[image_item("red.png")]), delta(images=[image_item("red.png")]), STOP),
        "red.png",
    ),
    _chat("cs29 bare data URL", sse(delta(url("green.png")), STOP), "green.png"),
    _chat(
        "cs29 bare base64 in pieces", sse(*(delta(part) for part in pieces(b64("green.jpg"), 50)), STOP), "green.jpg"
    ),
    _chat("one letter at a time", sse(*(delta(part) for part in GREEN), STOP), "green.png"),
    _chat(
        "choices in turns", sse(*_in_turns(f"![]({url('red.png')})", f"![]({url('blue.png')})")), "red.png", "blue.png"
    ),
    _chat("usage with null choices", sse(delta(GREEN), {"choices": None, "usage": None}), "green.png"),
    _chat(
        "a broken event between good ones",
        sse(delta(GREEN[:50])) + b"data: {oops\n\n" + sse(delta(GREEN[50:]), STOP),
        "green.png",
    ),
    _chat("breaks off after the picture", sse(delta(GREEN), done=False) + b'data: {"choices": [{"del', "green.png"),
    _chat(
        "breaks off within the picture",
        sse(delta(GREEN[:80]), done=False),
        kind="malformed",
        retryable=True,
        charged="maybe",
    ),
    _chat(
        "breaks off before the picture",
        sse(delta("Here it"), done=False) + b'data: {"cho',
        kind="malformed",
        retryable=True,
    ),
    _chat("the end mark in the middle", sse(delta("a")) + sse(delta(GREEN), STOP), "green.png"),
    _chat(
        "cs12 lines of JSON with data here and there",
        dump(delta(GREEN[:60])) + b"\ndata: " + dump(delta(GREEN[60:])) + b"\n" + dump(STOP),
        "green.png",
    ),
    _chat("cs14 whole JSON, then the end mark without data", dump(chat(GREEN)) + b"\n[DONE]", "green.png"),
    _chat(
        "cs21 native reason in lower case",
        sse({"choices": [{"delta": {}, "finish_reason": "stop", "native_finish_reason": "prohibited_content"}]}),
        kind="blocked",
        charged="yes",
    ),
    _chat(
        "cs22 link cut off", sse(delta("![x](https://cdn.relay.exa"), delta("mple/img/0b8f.png)"), STOP), links=(LINK,)
    ),
    _chat(
        "cs28 a page within",
        b"<html><head><title>502 Bad Gateway</title></head></html>",
        kind="upstream",
        retryable=True,
        charged="maybe",
    ),
    _chat("end without a word", sse(delta(""), STOP), kind="no_image", retryable=True, charged="yes"),
)
