"""Gemini's `generateContent`: reading a request, shaping an answer.

Field names and shapes after https://ai.google.dev/api/generate-content; requests may be camelCase or snake_case.
"""

from __future__ import annotations

import base64
from typing import Any

from .asking import Asked, Refused, Reply, decoded, either, list_at, mapping_at, ratio_of, size_of, tokens_of

Json = dict[str, Any]

STATUS_WORDS: dict[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def read(body: Json, model: str) -> Asked:
    """A request body as what it asks. Raises `Refused` with a sentence."""
    contents = list_at(body, "contents")
    if not contents:
        raise Refused("“contents” is empty: send a text and a picture.")
    config = mapping_at(body, "generationConfig")
    # Newer documents put the same two settings under responseFormat.image.
    shape = mapping_at(config, "imageConfig") or mapping_at(mapping_at(config, "responseFormat"), "image")
    from_user = [content for content in contents if content.get("role", "user") != "model"]
    if not from_user:
        raise Refused("“contents” has no message of the user.")
    texts = [part["text"] for part in list_at(from_user[-1], "parts") if isinstance(part.get("text"), str)]
    return Asked(
        model=model,
        prompt="\n".join(texts),
        pictures=_pictures(from_user[-1]) or next(filter(None, map(_pictures, reversed(contents))), ()),
        ratio=ratio_of(either(shape, "aspectRatio")),
        size=size_of(either(shape, "imageSize")),
        thoughts=bool(either(mapping_at(config, "thinkingConfig"), "includeThoughts")),
    )


def _pictures(content: Json) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for part in list_at(content, "parts"):
        if mapping_at(part, "fileData"):
            raise Refused("The offline engine takes pictures as inlineData only; it fetches no files.")
        inline = mapping_at(part, "inlineData")
        if inline and not part.get("thought"):
            found.append(decoded(inline.get("data"), f"Picture {len(found) + 1}"))
    return tuple(found)


def answer(asked: Asked, reply: Reply) -> Json:
    """The whole answer as one document."""
    if reply.blocked == "prompt":
        return _prompt_blocked(asked)
    return _document(asked, reply, [*_words(reply), *_picture(asked, reply)], last=True)


def opening(asked: Asked, reply: Reply) -> list[Json]:
    """The documents streamed before the picture is made: one for each text."""
    return [_document(asked, reply, [part], last=False) for part in _words(reply)]


def closing(asked: Asked, reply: Reply) -> list[Json]:
    """The documents streamed at the end: the picture with the finish reason."""
    if reply.blocked == "prompt":
        return [_prompt_blocked(asked)]
    return [_document(asked, reply, _picture(asked, reply), last=True)]


def _words(reply: Reply) -> list[Json]:
    thoughts = [{"text": reply.thoughts, "thought": True}] if reply.thoughts else []
    return [*thoughts, *([{"text": reply.text}] if reply.text and not reply.blocked else [])]


def _picture(asked: Asked, reply: Reply) -> list[Json]:
    if not reply.picture:
        return []
    inline = {"mimeType": reply.picture.mime, "data": reply.picture.base64}
    signature = base64.b64encode(f"offline-engine {asked.id}".encode()).decode("ascii")
    return [{"inlineData": inline, "thoughtSignature": signature}]


def _document(asked: Asked, reply: Reply, parts: list[Json], *, last: bool) -> Json:
    content: Json = {"role": "model"} | ({"parts": parts} if parts else {})
    candidate: Json = {"content": content, "index": 0}
    if last and reply.blocked:
        candidate |= {"finishReason": "IMAGE_SAFETY", "finishMessage": reply.text}
    elif last:
        candidate["finishReason"] = "STOP"
    return {"candidates": [candidate], **_about(asked, reply)}


def _prompt_blocked(asked: Asked) -> Json:
    feedback = {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "Rehearsal: the prompt was blocked."}
    return {"promptFeedback": feedback, **_about(asked, Reply())}


def _about(asked: Asked, reply: Reply) -> Json:
    thought = tokens_of(reply.thoughts)
    details = [{"modality": "TEXT", "tokenCount": asked.tokens - asked.picture_tokens}]
    details += [{"modality": "IMAGE", "tokenCount": asked.picture_tokens}] if asked.pictures else []
    usage: Json = {
        "promptTokenCount": asked.tokens,
        "candidatesTokenCount": reply.tokens,
        "totalTokenCount": asked.tokens + reply.tokens + thought,
        "promptTokensDetails": details,
    }
    if reply.picture:
        usage["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": 1290}]
    if thought:
        usage["thoughtsTokenCount"] = thought
    return {"usageMetadata": usage, "modelVersion": asked.model, "responseId": asked.id}


def failure(status: int, sentence: str) -> Json:
    """An error body. A 429 says what ran out and when to come back, as Google does."""
    error: Json = {"code": status, "message": sentence, "status": STATUS_WORDS.get(status, "UNKNOWN")}
    if status == 429:
        violation = {
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
            "quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
            "quotaValue": "10",
        }
        error["details"] = [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"},
        ]
    if status == 401:
        reason = {"reason": "API_KEY_INVALID", "domain": "googleapis.com"}
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **reason}]
    return {"error": error}
