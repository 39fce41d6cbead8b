"""What comes back, beyond the recorded answers: every shape the services are known to send, in several spellings."""

from __future__ import annotations

import pytest

from edit_core import EditError, read_answer

from .shapes import SHAPES
from .shapes.building import Shape, sha256

WITH_PICTURE = [shape for shape in SHAPES if not shape.kind]
WITHOUT = [shape for shape in SHAPES if shape.kind]


def by_id(shape: Shape) -> str:
    return f"{shape.wire} {shape.id}"


@pytest.mark.parametrize("shape", WITH_PICTURE, ids=by_id)
def test_a_picture_is_found_in_every_known_shape(shape: Shape) -> None:
    result = read_answer(shape.wire, shape.status, shape.headers, shape.body)
    assert [picture.sha256 for picture in result.pictures] == [sha256(name) for name in shape.pictures]
    assert result.links == shape.links
    assert [draft.sha256 for draft in result.drafts] == [sha256(name) for name in shape.drafts]
    assert shape.says in result.text
    assert "base64," not in result.text


@pytest.mark.parametrize("shape", WITHOUT, ids=by_id)
def test_a_failure_in_every_known_shape_is_blamed_on_its_cause(shape: Shape) -> None:
    with pytest.raises(EditError) as failed:
        read_answer(shape.wire, shape.status, shape.headers, shape.body)
    error = failed.value
    assert (error.kind, error.retryable) == (shape.kind, shape.retryable)
    assert error.retry_after == pytest.approx(shape.retry_after)
    assert error.charged == (shape.charged or error.charged)
    assert shape.says in f"{error} {error.said}"


def test_every_shape_has_a_name_of_its_own() -> None:
    names = [by_id(shape) for shape in SHAPES]
    assert len(names) == len(set(names))
