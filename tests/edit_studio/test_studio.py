"""What the app as a whole promises from its settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from edit_core.edits import EditResult
from edit_core.offline.app import create_app
from edit_studio.darkroom import NotPrepared
from edit_studio.history.opening import open_history
from edit_studio.money.ledger import Ledger
from edit_studio.page.form import Form, make_order
from edit_studio.receipts import Times
from edit_studio.settings import Settings
from edit_studio.storage.claim import Claim
from edit_studio.storage.disk import NoRoom
from edit_studio.storage.vault import Vault
from edit_studio.studio import CannotOpen, open_studio
from tests.children import children

from .examples import ANN, click, picture


@pytest.mark.parametrize(
    ("quota", "most"),
    [("10", 256), ("1024", 1024 + 128), ("5000", 2048 + 128), ("0", 2048 + 128)],
    ids=["a small one, as several pictures come at once", "as usual", "more than an archive may hold", "none"],
)
def test_an_upload_may_be_as_large_as_an_archive_of_a_full_quota(tmp_path: Path, quota: str, most: int) -> None:
    settings = Settings.read({"EDIT_DATA": str(tmp_path / "data"), "EDIT_QUOTA_MB": quota})
    studio = open_studio(settings, create_app(), tmp_path / "uploads")
    assert studio.rules().most_upload == most * 2**20
    studio.close()


@pytest.mark.parametrize(
    ("free_mb", "wanted", "taken"), [("0", 1000, True), ("900000000", 1000, False), ("0", 2**60, False)]
)
def test_uploads_leave_the_disk_of_the_edits_what_these_need(
    tmp_path: Path, free_mb: str, wanted: int, taken: bool
) -> None:
    settings = Settings.read({"EDIT_DATA": str(tmp_path / "data"), "EDIT_FREE_MB": free_mb})
    studio = open_studio(settings, create_app(), tmp_path / "uploads")
    assert studio.rules().has_room(wanted) == taken
    studio.close()


def test_a_form_is_remembered_only_where_the_disk_is_not_needed_for_edits(tmp_path: Path) -> None:
    studio = open_studio(Settings.read({"EDIT_DATA": str(tmp_path / "data")}), create_app(), tmp_path / "uploads")
    studio.keep_draft(ANN, {"prompt": "a dog"})
    studio.close()
    settings = Settings.read({"EDIT_DATA": str(tmp_path / "data"), "EDIT_FREE_MB": "900000000"})
    studio = open_studio(settings, create_app(), tmp_path / "uploads")
    with pytest.raises(NoRoom):
        studio.keep_draft(ANN, {"prompt": "a cat"})
    assert studio.history.draft(ANN) == {"prompt": "a dog"}
    studio.keep_draft(ANN, {})
    assert studio.history.draft(ANN) == {}
    studio.close()


async def test_the_processes_it_started_end_with_it(tmp_path: Path, photo: Callable[[str], bytes]) -> None:
    before = children()
    studio = open_studio(Settings.read({"EDIT_DATA": str(tmp_path / "data")}), create_app(), tmp_path / "uploads")
    await studio.editor.darkroom.prepare(lambda: photo("phone_sideways_gps.jpg"))
    assert len(children() - before) == 1
    studio.close()
    assert children() == before


@pytest.mark.parametrize(
    ("provider", "charged", "state"), [("offline", "no", "released"), ("apiyi", "maybe", "held")], ids=["free", "paid"]
)
def test_after_a_crash_an_edit_of_a_free_provider_waits_for_nobody_s_word(
    tmp_path: Path, provider: str, charged: str, state: str
) -> None:
    crashed = open_history(Vault(tmp_path / "data", floor_bytes=0))
    job, _ = crashed.history.begin(click(provider=provider))
    Ledger(crashed.history.database).reserve(job.id, 0, ANN, 0)
    crashed.history.advance(job.id, "sending")
    crashed.close()
    settings = Settings.read({"EDIT_DATA": str(tmp_path / "data"), "EDIT_FREE_MB": "0"})
    studio = open_studio(settings, create_app(), tmp_path / "uploads")
    failure = studio.history.job(ANN, job.id).failure
    assert failure is not None
    assert (failure["charged"], [entry.state for entry in studio.ledger.entries_of(job.id)]) == (charged, [state])
    studio.close()


def test_a_ledger_that_cannot_be_put_right_at_the_start_is_told_in_words(tmp_path: Path) -> None:
    crashed = open_history(Vault(tmp_path / "data", floor_bytes=0))
    job, _ = crashed.history.begin(click())
    Ledger(crashed.history.database).reserve(job.id, 0, ANN, 0)
    with crashed.history.database.writing() as connection:
        connection.exec_driver_sql("CREATE TRIGGER no BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'no'); END")
    crashed.close()
    settings = Settings.read({"EDIT_DATA": str(tmp_path / "data"), "EDIT_FREE_MB": "0"})
    with pytest.raises(CannotOpen, match="cannot be reached or written"):
        open_studio(settings, create_app(), tmp_path / "uploads")
    open_history(Vault(tmp_path / "data", floor_bytes=0)).close()


class BreaksAtTheEnd:
    """Previews whose end fails; whoever made it is told first, as a part of the app that is still there sees it."""

    def __init__(self, sees: Callable[[], None]) -> None:
        self._sees = sees

    def close(self) -> None:
        self._sees()
        raise RuntimeError("cannot be ended")


def test_at_the_end_history_is_let_go_first_and_whatever_becomes_of_the_rest(tmp_path: Path) -> None:
    settings = Settings.read({"EDIT_DATA": str(tmp_path / "data")})
    studio = open_studio(settings, create_app(), tmp_path / "uploads")
    previews = studio.previews
    is_free = BreaksAtTheEnd(lambda: Claim.of_folder(tmp_path / "data").close())
    studio.previews = is_free  # type: ignore[assignment]
    with pytest.raises(RuntimeError, match="cannot be ended"):
        studio.close()
    with pytest.raises(NotPrepared):
        asyncio.run(studio.darkroom.fit((picture(1),), 1))
    previews.close()


async def test_the_words_of_an_answer_with_several_pictures_are_kept_once(
    tmp_path: Path, photo: Callable[[str], bytes]
) -> None:
    settings = Settings.read({"EDIT_DATA": str(tmp_path / "data"), "EDIT_FREE_MB": "0"})
    studio = open_studio(settings, create_app(), tmp_path / "uploads")
    file = str(studio.shelf.put(photo("cat.jpg"), "cat.jpg"))
    form = Form((file,), "sepia", "offline", "offline-engine", "native", "auto", "auto")
    order = await make_order(studio, ANN, "a click of this page", form)
    job, _ = studio.history.begin(order.job)
    answer = EditResult((picture(1), picture(2), picture(3)), text="Here you are.", thoughts="Sepia is brown.")
    takes = order.keep(job, 0, answer, Times(0.0, 1.0))
    assert [take.picture.sha256 for take in takes] == [picture(seed).sha256 for seed in (1, 2, 3)]
    assert [(take.text, take.receipt.get("thoughts")) for take in takes] == [
        ("Here you are.", "Sepia is brown."),
        ("", None),
        ("", None),
    ]
    studio.close()
