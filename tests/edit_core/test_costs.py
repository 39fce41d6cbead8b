"""What an answer says it cost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edit_core import read_answer

from .shapes.building import chat, image_item

MAKER = {"upstream_inference_cost": 0.034}

COSTS: dict[str, tuple[dict[str, Any], float | None]] = {
    "a sum": ({"cost": 0.04}, 0.04),
    "a sum, and what the service itself paid": ({"cost": 0.04, "is_byok": False, "cost_details": MAKER}, 0.04),
    "nothing, as the model is free": ({"cost": 0, "is_byok": False}, 0),
    "nothing, and no word of whose key it was": ({"cost": 0}, None),
    "one's own key at the maker": ({"cost": 0, "is_byok": True, "cost_details": MAKER}, 0.034),
    "one's own key, and a share for the service": ({"cost": 0.002, "is_byok": True, "cost_details": MAKER}, 0.036),
    "one's own key, and only the share is told": ({"cost": 0.002, "is_byok": True}, None),
    "one's own key, and the maker's part is null": ({"cost": 0, "is_byok": True, "cost_details": None}, None),
    "not said": ({"total_tokens": 9}, None),
}


@pytest.mark.parametrize(("usage", "cost"), COSTS.values(), ids=COSTS)
def test_a_cost_is_believed_only_where_it_is_one(usage: dict[str, Any], cost: float | None) -> None:
    body = json.dumps({**chat({"role": "assistant", "images": [image_item("green.png")]}), "usage": usage}).encode()
    result = read_answer("chat", 200, {"content-type": "application/json"}, body)
    assert result.usage.cost == (None if cost is None else pytest.approx(cost))
