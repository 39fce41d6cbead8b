"""`chat/completions`: reading a request, shaping an answer the way OpenRouter does, with pictures in `message.images`.

Ratio and size are read from each of the places the relays know: `image_config`, `extra_body.google.image_config`,
and a system message such as `aspect_ratio=16:9`.
"""

from __future__ import annotations

import re
from typing import Any

from .asking import Asked, Refused, Reply, decoded_url, either, list_at, mapping_at, ratio_of, size_of, tokens_of

Json = dict[str, Any]

ERROR_WORDS: dict[int, tuple[str, str]] = {
    400: ("invalid_request_error", "invalid_value"),
    401: ("authentication_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_credits"),
    403: ("permission_error", "permission_denied"),
    404: ("invalid_request_error", "model_not_found"),
    405: ("invalid_request_error", "method_not_allowed"),
    408: ("timeout_error", "request_timeout"),
    413: ("invalid_request_error", "request_too_large"),
    422: ("invalid_request_error", "unprocessable"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    500: ("server_error", "internal_error"),
    503: ("server_error", "overloaded"),
    504: ("timeout_error", "upstream_timeout"),
}
"""Status to `error.type` and `error.code`."""

_SYSTEM_SETTING = re.compile(r"\b(aspect_ratio|image_size)\s*=\s*([\w.:]+)")
_MARKDOWN_PICTURE = re.compile(r"!\[[^\]]*\]\((data:[^)\s]+)\)")


def read(body: Json, model: str = "") -> Asked:
    """A request body as what it asks. Raises `Refused` with a sentence."""
    messages = list_at(body, "messages")
    from_user = [message for message in messages if message.get("role", "user") == "user"]
    if not from_user:
        raise Refused("“messages” has no message of the user: send a text and a picture.")
    named = body.get("model") or model
    if not isinstance(named, str) or not named:
        raise Refused("“model” is missing.")
    google = mapping_at(mapping_at(body, "extra_body"), "google") or mapping_at(body, "google")
    shape = _system_settings(messages) | mapping_at(google, "imageConfig") | mapping_at(body, "imageConfig")
    thinking = mapping_at(google, "thinkingConfig")
    return Asked(
        model=named,
        prompt="\n".join(_texts(from_user[-1])),
        pictures=_pictures(from_user[-1]) or next(filter(None, map(_pictures, reversed(messages))), ()),
        ratio=ratio_of(either(shape, "aspectRatio")),
        size=size_of(either(shape, "imageSize")),
        thoughts=bool(either(thinking, "includeThoughts")),
        usage_in_stream=bool(mapping_at(body, "streamOptions").get("include_usage")),
    )


def _texts(message: Json) -> list[str]:
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    parts = list_at(message, "content")
    return [part["text"] for part in parts if part.get("type", "text") == "text" and isinstance(part.get("text"), str)]


def _pictures(message: Json) -> tuple[bytes, ...]:
    """Pictures in a message's parts; in an answer sent back, those in `images` or in markdown."""
    if isinstance(message.get("content"), str):
        urls: list[Any] = _MARKDOWN_PICTURE.findall(message["content"])
    else:
        urls = [part["image_url"] for part in list_at(message, "content") if "image_url" in part]
    urls += [item["image_url"] for item in list_at(message, "images") if "image_url" in item]
    plain = [url.get("url") if isinstance(url, dict) else url for url in urls]
    return tuple(decoded_url(url, f"Picture {number}") for number, url in enumerate(plain, start=1))


def _system_settings(messages: list[Json]) -> Json:
    system = [text for m in messages if m.get("role") in ("system", "developer") for text in _texts(m)]
    return dict(pair for text in system for pair in _SYSTEM_SETTING.findall(text))


def answer(asked: Asked, reply: Reply) -> Json:
    """The whole answer as one document."""
    message: Json = {"role": "assistant", "content": "" if reply.blocked else reply.text, "refusal": None}
    if reply.blocked:
        message["refusal"] = reply.text
    if reply.thoughts:
        message["reasoning"] = reply.thoughts
    if reply.picture:
        message["images"] = _images(reply)
    choice = {"index": 0, "message": message, "logprobs": None, **_finish(reply)}
    return {**_about(asked, "chat.completion"), "choices": [choice], "usage": _usage(asked, reply)}


def opening(asked: Asked, reply: Reply) -> list[Json]:
    """The chunks streamed before the picture is made: the role, then the words."""
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    if reply.thoughts:
        deltas.append({"reasoning": reply.thoughts})
    deltas.append({"refusal" if reply.blocked else "content": reply.text})
    return [_chunk(asked, delta) for delta in deltas]


def closing(asked: Asked, reply: Reply) -> list[Json]:
    """The chunks streamed at the end: the picture, the finish, and the usage if it was asked for."""
    chunks = [_chunk(asked, {"content": "", "images": _images(reply)})] if reply.picture else []
    chunks.append(_chunk(asked, {"content": ""}, **_finish(reply)))
    if asked.usage_in_stream:
        chunks.append({**_about(asked, "chat.completion.chunk"), "choices": [], "usage": _usage(asked, reply)})
    return chunks


def _images(reply: Reply) -> list[Json]:
    if not reply.picture:
        return []
    url = f"data:{reply.picture.mime};base64,{reply.picture.base64}"
    return [{"type": "image_url", "image_url": {"url": url}, "index": 0}]


def _finish(reply: Reply) -> Json:
    if reply.blocked:
        reason = "IMAGE_SAFETY" if reply.blocked == "picture" else "PROHIBITED_CONTENT"
        return {"finish_reason": "content_filter", "native_finish_reason": reason}
    return {"finish_reason": "stop", "native_finish_reason": "STOP"}


def _chunk(asked: Asked, delta: Json, **finish: Any) -> Json:
    choice = {"index": 0, "delta": delta, "finish_reason": None, **finish}
    return {**_about(asked, "chat.completion.chunk"), "choices": [choice]}


def _about(asked: Asked, kind: str) -> Json:
    return {"id": f"chatcmpl-{asked.id}", "object": kind, "created": asked.at, "model": asked.model}


def _usage(asked: Asked, reply: Reply) -> Json:
    thought = tokens_of(reply.thoughts)
    output = reply.tokens + thought
    details = {"reasoning_tokens": thought, "image_tokens": 1290 if reply.picture else 0}
    return {
        "prompt_tokens": asked.tokens,
        "completion_tokens": output,
        "total_tokens": asked.tokens + output,
        "completion_tokens_details": details,
        "cost": 0,
    }


def failure(status: int, sentence: str) -> Json:
    """An error body."""
    kind, code = ERROR_WORDS.get(status, ("server_error", "unknown"))
    return {"error": {"message": sentence, "type": kind, "param": None, "code": code}}
