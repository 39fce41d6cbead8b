"""What an edit costs: told before it, counted after it, and the end of a budget."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from edit_studio.settings import Settings
from tests.edit_studio.serving import Served, served

from .conftest import Open


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page whose engine has a price, and a budget for two edits and a half."""
    settings = Settings.read({"EDIT_PRICES": "offline=0.04", "EDIT_BUDGET": "0.10/day, 5/month"})
    with served(tmp_path_factory.mktemp("paid"), settings) as running:
        yield running


def test_a_budget_is_told_counted_and_kept(visit: Open, paid: Served) -> None:
    page = visit(address=paid.address)
    button, money = page.page.locator("#edit"), page.page.locator("#money")
    expect(button).to_contain_text("~$0.04")
    expect(money).to_contain_text("$0.10 of $0.10 left today")
    page.choose("cat.jpg")
    page.write("sepia")
    page.page.get_by_label("Pictures", exact=True).click()
    page.page.get_by_role("option", name="2").click()
    expect(button).to_contain_text("~$0.08")
    page.edit()
    page.wait_until_done()
    expect(money).to_contain_text("$0.02 of $0.10 left today")
    receipts = json.loads(page.page.locator("#result .receipt pre").text_content() or "")
    assert [receipt["cost"] for receipt in receipts] == [{"dollars": 0.04, "from": "estimate"}] * 2
    posts = len(paid.engine.posts)
    page.edit()
    failure = page.page.locator("#failure")
    expect(failure).to_contain_text("budget of $0.10 a day for everybody is reached: $0.02 is left")
    expect(failure).to_contain_text("It was not charged.")
    expect(failure).to_contain_text("Wait until the budget renews")
    expect(failure).not_to_contain_text("It asks to wait")
    expect(page.page.locator("#result .after img")).to_have_count(2)
    assert len(paid.engine.posts) == posts
