"""Gemini's own format, `generateContent`: the body that asks.

Field names: ai.google.dev/api/generate-content. Relays spell them in snake_case as well; the provider's row says which.
"""

from __future__ import annotations

from typing import Any

from ..edits import EditRequest, Turn, TurnPart
from ..encoding import encode_base64
from ..pictures import Picture
from ..providers import Model, Provider
from .body import Spliced
from .legend import with_legend

_METHOD = {False: "generateContent", True: "streamGenerateContent"}
_INLINE = {"snake": ("inline_data", "mime_type"), "camel": ("inlineData", "mimeType")}
_SIGNATURE = {"snake": "thought_signature", "camel": "thoughtSignature"}


def build_path(provider: Provider, model: Model, *, stream: bool) -> tuple[str, dict[str, str]]:
    """Path and query of the call, without host and key."""
    path = provider.native_path.format(model=model.id, method=_METHOD[stream])
    return path, {"alt": "sse"} if stream else {}


def build_body(request: EditRequest, provider: Provider, model: Model) -> dict[str, Any]:
    """The body as a JSON tree; pictures are `Spliced`. Always with `role`: relays on Vertex demand it."""
    case = provider.native_case
    parts = [{"text": with_legend(request)}, *(_inline(each.picture, case) for each in request.references)]
    body: dict[str, Any] = {
        "contents": [*(_turn(turn, case) for turn in request.turns), {"role": "user", "parts": parts}],
        "generationConfig": _generation_config(request, provider, model),
    }
    if request.system:
        body["systemInstruction"] = {"parts": [{"text": request.system}]}
    if request.safety:
        body["safetySettings"] = [{"category": s.category, "threshold": s.threshold} for s in request.safety]
    return body


def _generation_config(request: EditRequest, provider: Provider, model: Model) -> dict[str, Any]:
    image = {"aspectRatio": request.aspect_ratio, "imageSize": _size(request, provider, model)}
    thinking = {"thinkingLevel": request.thinking_level, "includeThoughts": request.include_thoughts or None}
    config = {
        "responseModalities": ["TEXT", "IMAGE"] if model.needs_text else list(provider.modalities) or None,
        "imageConfig": _stated(image) or None,
        "thinkingConfig": _stated(thinking) or None,
        "temperature": request.temperature,
        "topP": request.top_p,
        "topK": request.top_k,
        "maxOutputTokens": request.max_output_tokens,
    }
    return _stated(config)


def _size(request: EditRequest, provider: Provider, model: Model) -> str | None:
    """The size word, left out for a model that has a single size: some refuse the field altogether."""
    if request.image_size is None or len(model.sizes) == 1:
        return None
    return provider.size_word(request.image_size)


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _turn(turn: Turn, case: str) -> dict[str, Any]:
    return {"role": turn.role, "parts": [_turn_part(part, case) for part in turn.parts]}


def _turn_part(part: TurnPart, case: str) -> dict[str, Any]:
    """A part of an earlier turn; Gemini 3 answers 400 when a picture comes back without its signature."""
    sent = _inline(part.picture, case) if part.picture else {"text": part.text}
    return {**sent, _SIGNATURE[case]: part.signature} if part.signature else sent


def _inline(picture: Picture, case: str) -> dict[str, Any]:
    holder, mime = _INLINE[case]
    return {holder: {mime: picture.mime, "data": Spliced((encode_base64(picture.data),))}}
