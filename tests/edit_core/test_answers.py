"""What comes back: 112 real-shaped answers, each with what a right reading gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edit_core import EditError, EditResult, read_answer

FOLDER = Path(__file__).parents[1] / "answers"
CASES = json.loads((FOLDER / "INDEX.json").read_text(encoding="utf-8"))
WITH_PICTURE = [case for case in CASES if "error_kind" not in case["expects"]]
WITHOUT = [case for case in CASES if "error_kind" in case["expects"]]


def read(case: dict[str, Any]) -> EditResult:
    headers = {"content-type": case["content_type"], **case.get("headers", {})}
    return read_answer(case["format"], case["status"], headers, (FOLDER / case["file"]).read_bytes())


@pytest.mark.parametrize("case", WITH_PICTURE, ids=lambda case: case["file"])
def test_a_picture_is_found_wherever_a_relay_puts_it(case: dict[str, Any]) -> None:
    expects, result = case["expects"], read(case)
    assert [picture.sha256 for picture in result.pictures] == expects.get("image_sha256", [])
    assert [picture.mime for picture in result.pictures] == expects["mime"]
    assert list(result.links) == expects.get("image_urls", [])
    assert [draft.sha256 for draft in result.drafts] == expects.get("draft_sha256", [])
    assert expects.get("text_contains", "") in result.text


@pytest.mark.parametrize("case", WITHOUT, ids=lambda case: case["file"])
def test_a_failure_is_blamed_on_its_cause(case: dict[str, Any]) -> None:
    expects = case["expects"]
    with pytest.raises(EditError) as failed:
        read(case)
    error, others = failed.value, expects.get("error_kind_also", [])
    assert error.kind in [expects["error_kind"], *others]
    assert others or error.retryable == expects["retryable"]
    assert error.retry_after == pytest.approx(expects.get("retry_after_s", error.retry_after or 0), abs=1) or (
        error.retry_after is None and "retry_after_s" not in expects
    )
    assert expects.get("text_contains", "") in f"{error} {error.said}"
    assert error.explain().endswith((".", "!"))
