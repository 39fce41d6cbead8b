"""A call: everything that is sent, except the key. Pure: the client adds the key and sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..edits import EditRequest, Wire
from ..errors import BadInput, TooLarge
from ..providers import Model, Provider, is_model_id
from . import chat, native
from .body import write_pieces


@dataclass(frozen=True)
class Call:
    """One POST. `path` begins with a slash and follows the provider's base URL.

    `pieces`, joined, are the body: JSON, of `size` bytes.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return sum(map(len, self.pieces))

    @property
    def body(self) -> bytes:
        """The body in one piece. What is sent is sent piece by piece; joining copies every picture."""
        return b"".join(self.pieces)


def build_call(
    request: EditRequest, provider: Provider, model: Model | str, wire: Wire, *, stream: bool = False
) -> Call:
    """The call for an edit.

    Raises `BadInput` for what the provider's or the model's row says cannot be done, and `TooLarge` when the body
    exceeds the provider's limit (`preparation.fit` shrinks pictures beforehand).
    """
    row = provider.model(model) if isinstance(model, str) else model
    _check(request, provider, row, wire)
    if wire == "native":
        path, query = native.build_path(provider, row, stream=stream)
        tree = native.build_body(request, provider, row)
    else:
        path, query = chat.build_path(provider), {}
        tree = chat.build_body(request, provider, row, stream=stream)
    call = Call(path, query, {"Content-Type": "application/json", "Accept": _accept(stream=stream)}, write_pieces(tree))
    if call.size > provider.most_request_bytes:
        raise TooLarge(
            f"The request has {call.size / 1e6:.1f} MB; "
            f"{provider.name} takes {provider.most_request_bytes / 1e6:.0f} MB."
        )
    return call


def _accept(*, stream: bool) -> str:
    return "text/event-stream, application/json" if stream else "application/json"


def _check(request: EditRequest, provider: Provider, model: Model, wire: Wire) -> None:
    """Refuse what the rows say cannot be done; a model without a row may do anything."""
    if wire not in provider.wires:
        raise BadInput(f"{provider.name} does not speak the {wire} format.")
    if not is_model_id(model.id):
        raise BadInput(f"“{model.id[:80]}” is no model name.")
    name = model.label or model.id
    if (request.aspect_ratio or request.image_size) and not provider.takes_shape(wire):
        raise BadInput(
            f"{provider.name} cannot be told a ratio or a size in the chat format: choose Auto, or the native format."
        )
    for what, asked, offered in (
        ("the ratio", request.aspect_ratio, model.ratios),
        ("the size", request.image_size, model.sizes),
        ("the thinking level", request.thinking_level, model.thinking_levels),
    ):
        if asked and offered and asked.lower() not in (each.lower() for each in offered):
            raise BadInput(f"{name} does not offer {what} {asked}; it offers {', '.join(offered)}.")
    if model.most_references is not None and len(request.references) > model.most_references:
        raise BadInput(f"{name} takes at most {model.most_references} pictures, not {len(request.references)}.")
