"""The OpenAI-compatible format, `chat/completions`: the body that asks."""

from __future__ import annotations

from typing import Any

import orjson

from ..edits import EditRequest, Turn
from ..encoding import data_url
from ..pictures import Picture
from ..providers import Model, Provider
from .body import Spliced
from .legend import with_legend

_PIXELS = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}


def build_path(provider: Provider) -> str:
    """Path of the call, without the host."""
    return provider.chat_path


def build_body(request: EditRequest, provider: Provider, model: Model, *, stream: bool) -> dict[str, Any]:
    """The body as a JSON tree; pictures are `Spliced`."""
    content = [{"type": "text", "text": with_legend(request)}, *(_image(r.picture) for r in request.references)]
    body: dict[str, Any] = {
        "model": model.id,
        "messages": [
            *_system(request, provider),
            *(_turn(turn) for turn in request.turns),
            {"role": "user", "content": content},
        ],
        "max_tokens": request.max_output_tokens or provider.chat_max_tokens,
        "modalities": list(provider.chat_modalities) or None,
        "temperature": request.temperature,
        "top_p": request.top_p,
        **_extras(request, provider),
        **_shape_and_thinking(request, provider, model),
        **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
    }
    return {name: value for name, value in body.items() if value is not None}


def _system(request: EditRequest, provider: Provider) -> list[dict[str, Any]]:
    said = [request.system] if request.system else []
    if "system_message" in provider.shape_dialects and request.aspect_ratio:
        said.append(f"aspect_ratio={request.aspect_ratio}")
    return [{"role": "system", "content": text} for text in said]


def _extras(request: EditRequest, provider: Provider) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    if "top_k" in provider.chat_extras:
        extras["top_k"] = request.top_k
    if "safety_settings" in provider.chat_extras and request.safety:
        extras["safety_settings"] = [{"category": s.category, "threshold": s.threshold} for s in request.safety]
    return extras


def _shape_and_thinking(request: EditRequest, provider: Provider, model: Model) -> dict[str, Any]:
    """Ratio, size and thinking, in each of the places the provider reads them from."""
    shape = _shape(request, provider, model)
    fields: dict[str, Any] = {}
    google: dict[str, Any] = {}
    for dialect in provider.shape_dialects:
        if dialect == "image_config" and shape:
            fields["image_config"] = shape
        elif dialect == "extra_body_google" and shape:
            google["image_config"] = shape
        elif dialect == "pixels" and shape:
            fields["extra_body"] = _pixels(request)
    level, thoughts = request.thinking_level, request.include_thoughts or None
    if level or thoughts:
        match provider.thinking_dialect:
            case "extra_body_google":
                google["thinking_config"] = _stated({"thinking_level": level, "include_thoughts": thoughts})
            case "reasoning":
                fields["reasoning"] = _stated({"effort": level, "exclude": None if thoughts else True})
            case "reasoning_effort" if level:
                # LiteLLM answers 400 to this field for models it has no entry for, unless it is allowed by name.
                fields |= {"reasoning_effort": level, "allowed_openai_params": ["reasoning_effort"]}
    return {**fields, **({"extra_body": {"google": google}} if google else {})}


def _shape(request: EditRequest, provider: Provider, model: Model) -> dict[str, str]:
    size = request.image_size if len(model.sizes) != 1 else None
    size = provider.size_word(size) if size else None
    return _stated({"aspect_ratio": request.aspect_ratio, "image_size": size})


def _pixels(request: EditRequest) -> dict[str, int]:
    """Width and height for diffusion servers: the ratio at the size's area, in steps of 16 pixels."""
    across, _, down = (request.aspect_ratio or "1:1").partition(":")
    ratio = int(across) / int(down)
    side = _PIXELS.get(request.image_size or "1K", 1024)
    return {"width": _in_steps(side * ratio**0.5), "height": _in_steps(side / ratio**0.5)}


def _in_steps(length: float) -> int:
    return max(16, round(length / 16) * 16)


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _turn(turn: Turn) -> dict[str, Any]:
    """An earlier turn. new-api turns markdown data images of the assistant back into inline data; nobody reads
    `image_url` parts there."""
    role = "assistant" if turn.role == "model" else "user"
    if role == "user":
        return {"role": role, "content": [_image(p.picture) if p.picture else _text_part(p.text) for p in turn.parts]}
    pieces: list[bytes] = []
    for part in turn.parts:
        words = (orjson.dumps(part.text)[1:-1],)
        pieces += (b"\\n\\n" if pieces else b"", *(_markdown(part.picture) if part.picture else words))
    return {"role": role, "content": Spliced(tuple(pieces))}


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _image(picture: Picture) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": Spliced(data_url(picture.mime, picture.data))}}


def _markdown(picture: Picture) -> tuple[bytes, ...]:
    return (b"![image](", *data_url(picture.mime, picture.data), b")")
