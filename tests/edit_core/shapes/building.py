"""What the rows are made of: tiny pictures, and the frames of both formats."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edit_core.edits import Wire

PICTURES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "answers" / "_images.json").read_text(encoding="utf-8")
)
LINK = "https://cdn.relay.example/img/0b8f.png"
OTHER_LINK = "https://cdn.relay.example/img/77aa.png"
SIGNATURE = "EqoBCqcBAXLI2nyXsignature"
REQUEST_ID = "(request id: 20261121035400123456789abcdEFGH)"


@dataclass(frozen=True)
class Shape:
    """An answer and its right reading: pictures and drafts by name and in order, or the kind of error."""

    id: str
    wire: Wire
    body: bytes
    pictures: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    says: str = ""
    kind: str = ""
    retryable: bool = False
    retry_after: float | None = None
    charged: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def b64(name: str) -> str:
    """A picture as plain base64."""
    return str(PICTURES[name]["b64"])


def url(name: str, mime: str = "") -> str:
    """A picture as a data URL."""
    return f"data:{mime or PICTURES[name]['mime']};base64,{b64(name)}"


def sha256(name: str) -> str:
    """The hash of a picture's bytes."""
    return str(PICTURES[name]["sha256"])


def cut(name: str) -> str:
    """The base64 of a picture that breaks off."""
    return base64.b64encode(base64.b64decode(b64(name))[:-20]).decode()


def dump(document: Any) -> bytes:
    """JSON as a relay writes it: not escaped, with blanks."""
    return json.dumps(document, ensure_ascii=False).encode()


# Native


def inline(name: str, **more: Any) -> dict[str, Any]:
    """A part with a picture."""
    return {"inlineData": {"mimeType": PICTURES[name]["mime"], "data": b64(name)}, **more}


def native(*parts: Any, finish: Any = "STOP", **more: Any) -> dict[str, Any]:
    """An answer with these parts in its one candidate."""
    candidate = {"content": {"parts": list(parts), "role": "model"}, "finishReason": finish, "index": 0}
    return {"candidates": [candidate], **USAGE, **more}


def native_end(finish: str | None, **more: Any) -> dict[str, Any]:
    """An answer whose one candidate holds only what is named."""
    return {"candidates": [{**({"finishReason": finish} if finish else {}), "index": 0, **more}], **USAGE}


USAGE = {
    "usageMetadata": {"promptTokenCount": 264, "candidatesTokenCount": 7, "totalTokenCount": 271},
    "modelVersion": "gemini-3.1-flash-image",
    "responseId": "q1IfaZfixture01",
}


# Chat


def chat(message: Any, finish: Any = "stop", **more: Any) -> dict[str, Any]:
    """An answer with this message; a bare text is its content."""
    message = {"role": "assistant", "content": message} if isinstance(message, str) else message
    choice = {"index": 0, "message": message, "finish_reason": finish}
    usage = {"prompt_tokens": 264, "completion_tokens": 1298, "total_tokens": 1562}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage, **more}


def delta(content: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of a stream."""
    spoken = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": {**spoken, **more}, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}


def image_item(name: str, **more: Any) -> dict[str, Any]:
    """An item of `message.images` as OpenRouter writes it."""
    return {"type": "image_url", "image_url": {"url": url(name)}, **more}


# Streams


def sse(*documents: Any, end: str = "\n\n", head: str = "data: ", done: bool = True) -> bytes:
    """Server-sent events."""
    written = [dump(document).decode() for document in documents] + (["[DONE]"] if done else [])
    return "".join(f"{head}{text}{end}" for text in written).encode()


def pieces(text: str, length: int) -> list[str]:
    """A text in pieces, as a relay cuts it into deltas."""
    return [text[start : start + length] for start in range(0, len(text), length)]


# Errors

UNPAID = (400, 401, 402, 403, 404, 405, 413, 415, 422, 429, 503)


def failed(id: str, status: int, document: Any, kind: str, **more: Any) -> Shape:
    """An error under this status; native when its name says so."""
    body = document if isinstance(document, bytes) else dump(document)
    charged = "no" if status in UNPAID or 300 <= status < 400 else "maybe"
    wire: Wire = "native" if id.startswith("ne") else "chat"
    return Shape(id, wire, body, kind=kind, status=status, charged=charged, **more)


def google(code: int, status: str, message: str = "It failed.", *details: Any, **more: Any) -> dict[str, Any]:
    """An error as Google writes it."""
    held = {"details": list(details)} if details else {}
    return {"error": {"code": code, "message": message, "status": status, **held, **more}}


def quota(id: str) -> dict[str, Any]:
    """A detail that names an allowance."""
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": id, "quotaValue": "10"}]}


def retry_in(delay: Any) -> dict[str, Any]:
    """A detail that names a delay."""
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


def relay(message: str, kind: str = "new_api_error", **more: Any) -> dict[str, Any]:
    """An error as new-api and its kin write it."""
    return {"error": {"message": f"{message} {REQUEST_ID}", "type": kind, "param": "", **more}}


def passed_on(raw: Any, code: int) -> dict[str, Any]:
    """An error as OpenRouter passes it on."""
    return {
        "error": {
            "message": "Provider returned error",
            "code": code,
            "metadata": {"raw": raw, "provider_name": "Google"},
        }
    }
