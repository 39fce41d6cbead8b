"""What an edit will cost, reckoned before it is sent.

The owner's own prices come first, then the price in the model's row. A model without either counts as the dearest one
of its provider, or as a default where that is more: anybody may type any name. All of it is an estimate: a service
counts tokens, and references and thinking come on top. What it says it took replaces the estimate afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from edit_core.errors import BadInput
from edit_core.providers import Provider

from .amounts import micros, said

UNKNOWN_PRICE = 50_000
"""Micro-dollars of an edit whose price nobody told us."""

USUAL_SIZE = "1K"
"""What the services make when no size is asked for."""

_ONE = re.compile(r"(?P<provider>[^/@=]+)(?:/(?P<model>.+?))?(?:@(?P<size>512|0\.5K|[124]K))?=\$?(?P<dollars>[^=]+)")
_SIZES = {"0.5K": "512"}


@dataclass(frozen=True)
class Estimate:
    """Micro-dollars of one picture. `known` says that the price is the provider's or the owner's, not a guess."""

    micros: int
    known: bool

    def __str__(self) -> str:
        return said(self.micros) if self.known else f"about {said(self.micros)}"


@dataclass(frozen=True)
class Prices:
    """The owner's prices in micro-dollars, by provider, model and size; "" stands for all of them.

    `default` is the least that a model without a price counts as.
    """

    rows: Mapping[tuple[str, str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    default: int = UNKNOWN_PRICE

    def find(self, provider: str, model: str, size: str) -> int | None:
        """The closest price that was set; None when none was."""
        keys = ((provider, model, size), (provider, model, ""), (provider, "", size), (provider, "", ""))
        return next((self.rows[key] for key in keys if key in self.rows), None)


def estimate(provider: Provider, model: str, size: str | None = None, prices: Prices | None = None) -> Estimate:
    """What one picture of this model and size costs at this provider."""
    prices = prices or Prices()
    size = _SIZES.get(size or USUAL_SIZE, size or USUAL_SIZE)
    own = prices.find(provider.id, model, size)
    if own is not None:
        return Estimate(own, known=True)
    if provider.free:
        return Estimate(0, known=True)
    listed = provider.model(model).price(size)
    if listed is None:
        return Estimate(max(prices.default, _dearest(provider, size, prices)), known=False)
    return Estimate(micros(listed), known=provider.own_prices)


def _dearest(provider: Provider, size: str, prices: Prices) -> int:
    """Micro-dollars of the provider's dearest model at this size, listed or only priced; 0 when none has a price."""
    names = {model.id for model in provider.models} | {name for of, name, _ in prices.rows if of == provider.id}
    dearest = 0
    for name in names:
        own = prices.find(provider.id, name, size)
        dearest = max(dearest, micros(provider.model(name).price(size) or 0) if own is None else own)
    return dearest


def parse_prices(text: str) -> Prices:
    """Prices in dollars a picture, as in `apiyi=0.05, google/gemini-3-pro-image@4K=0.24, *=0.08`.

    A provider, a model of it and a size, the last two left out for all; `*` is for what has no price, and raises what
    it counts as but never lowers it. Raises `BadInput`.
    """
    rows: dict[tuple[str, str, str], int] = {}
    default = UNKNOWN_PRICE
    for each in filter(None, map(str.strip, text.split(","))):
        found = _ONE.fullmatch("".join(each.split()))
        if not found:
            raise BadInput(f"“{each}” is no price; it looks like apiyi=0.05 or google/gemini-3-pro-image@4K=0.24.")
        try:
            price = micros(found["dollars"])
        except ValueError as error:
            raise BadInput(f"The price “{each}” cannot be used: {error}.") from error
        if found["provider"] == "*":
            default = price
        else:
            size = found["size"] or ""
            rows[found["provider"], found["model"] or "", _SIZES.get(size, size)] = price
    return Prices(MappingProxyType(rows), default)
