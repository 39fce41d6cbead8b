"""What an edit is reckoned at, and how the owner's prices and budgets are read."""

from __future__ import annotations

import pytest

from edit_core.errors import BadInput
from edit_core.providers import PROVIDERS, parse_providers
from edit_studio.money.amounts import micros, said
from edit_studio.money.budget import Budget, parse_budget
from edit_studio.money.prices import UNKNOWN_PRICE, Estimate, Prices, estimate, parse_prices

ESTIMATES = {
    "Google's list": ("google", "gemini-3-pro-image", "4K", Estimate(240_000, known=True)),
    "no size asked for is 1K": ("google", "gemini-3.1-flash-image", None, Estimate(67_000, known=True)),
    "the smallest size": ("google", "gemini-3.1-flash-image", "512", Estimate(45_000, known=True)),
    "the smallest size by its other name": ("google", "gemini-3.1-flash-image", "0.5K", Estimate(45_000, known=True)),
    "a size without a price is the dearest": ("google", "gemini-2.5-flash-image", "4K", Estimate(39_000, known=True)),
    "a relay: its maker's price, as a guess": ("apiyi", "gemini-3-pro-image", "1K", Estimate(134_000, known=False)),
    "a renamed model": ("openrouter", "google/gemini-2.5-flash-image", "1K", Estimate(39_000, known=False)),
    "a model nobody knows is the dearest one": ("custom", "banana-x", "1K", Estimate(134_000, known=False)),
    "the dearest one at its size": ("google", "gemini-3-pro-image-preview", "4K", Estimate(240_000, known=False)),
    "nobody knows it, and the list is cheap": ("pinky", "banana-x", "4K", Estimate(UNKNOWN_PRICE, known=False)),
    "the offline engine": ("offline", "offline-engine", "4K", Estimate(0, known=True)),
    "the offline engine by any name": ("offline", "anything", None, Estimate(0, known=True)),
}


@pytest.mark.parametrize(("provider", "model", "size", "expected"), ESTIMATES.values(), ids=ESTIMATES)
def test_an_edit_is_reckoned_by_provider_model_and_size(provider: str, model: str, size, expected: Estimate) -> None:
    assert estimate(PROVIDERS[provider], model, size) == expected


@pytest.mark.parametrize("provider", [row for row in PROVIDERS.values() if row.models], ids=lambda row: row.id)
def test_no_listed_model_of_a_provider_that_is_paid_costs_nothing(provider) -> None:
    free = [model.id for model in provider.models if not estimate(provider, model.id).micros]
    assert (not free) != provider.free


OWN = (
    "apiyi=0.03, apiyi@4K=$0.09, apiyi/a/b@2K = 0.05, apiyi/a/b=0.04, vllm-omni=0.001, litellm=0, *=0.2, "
    "pinky/x=0.01, pinky/gemini-2.5-flash-image=0.5"
)
OWN_ESTIMATES = {
    "the provider": ("apiyi", "x", "1K", 30_000),
    "a size of the provider": ("apiyi", "x", "4K", 90_000),
    "a model": ("apiyi", "a/b", "4K", 40_000),
    "a size of a model": ("apiyi", "a/b", "2K", 50_000),
    "what is free by its row": ("vllm-omni", "x", None, 1_000),
    "nothing, if the owner says so": ("litellm", "gemini-3-pro-image", "4K", 0),
    "what the owner says nothing of": ("google", "gemini-3-pro-image", "1K", 134_000),
    "what nobody says anything of": ("custom", "x", "1K", 200_000),
    "what nobody says anything of, where a listed one is dearer": ("custom", "x", "4K", 240_000),
    "a model without a price that the owner names": ("pinky", "x", "4K", 10_000),
    "another, where the owner's own price is the dearest": ("pinky", "y", "4K", 500_000),
}


@pytest.mark.parametrize(("provider", "model", "size", "expected"), OWN_ESTIMATES.values(), ids=OWN_ESTIMATES)
def test_the_owner_s_closest_price_goes_first(provider: str, model: str, size, expected: int) -> None:
    assert estimate(PROVIDERS[provider], model, size, parse_prices(OWN)).micros == expected


def test_a_model_that_only_the_owner_knows_is_among_the_dearest() -> None:
    prices = parse_prices("custom/acme-pro=0.9, custom/acme-pro@1K=0.5, openai/x=7")
    assert [estimate(PROVIDERS["custom"], "acme-2", size, prices).micros for size in ("1K", "4K")] == [500_000, 900_000]


def test_no_prices_are_no_prices() -> None:
    assert parse_prices(" ") == Prices()


FILE = '[[provider]]\nid = "x"\nown_prices = true\n[[provider.models]]\nid = "m"\nprices = { %s }'


def test_a_providers_file_names_prices() -> None:
    row = parse_providers(FILE % '"1K" = 0.05, "4K" = 1')["x"]
    assert estimate(row, "m", "1K") == Estimate(50_000, known=True)
    assert estimate(row, "m", "4K") == Estimate(1_000_000, known=True)


@pytest.mark.parametrize("price", ['"0.05"', "-1", "nan", "inf", "true"])
def test_a_providers_file_with_a_price_that_is_none_is_refused(price: str) -> None:
    with pytest.raises(BadInput, match=r"wrong type|no price"):
        parse_providers(FILE % f'"1K" = {price}')


def test_a_providers_file_with_a_price_of_no_size_is_refused() -> None:
    with pytest.raises(BadInput, match="wrong type"):
        parse_providers('[[provider]]\nid = "x"\n[[provider.models]]\nid = "m"\nprices = 0.05')


@pytest.mark.parametrize("text", ["apiyi", "apiyi=", "=1", "apiyi=free", "apiyi=-1", "apiyi=nan", "a=1e9", "a=1=2"])
def test_a_price_that_cannot_be_meant_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match=r"no price|cannot be used"):
        parse_prices(f"google=0.1, {text}")


BUDGETS = {
    "": Budget(),
    "5/day": Budget(day_micros=5_000_000),
    "$5 / day, 50/month": Budget(day_micros=5_000_000, month_micros=50_000_000),
    "1/person/day,0.5/person/month": Budget(owner_day_micros=1_000_000, owner_month_micros=500_000),
    "0/day": Budget(day_micros=0),
}


@pytest.mark.parametrize(("text", "expected"), BUDGETS.items())
def test_a_budget_is_read(text: str, expected: Budget) -> None:
    assert parse_budget(text) == expected


@pytest.mark.parametrize("text", ["5", "5/week", "/day", "x/day", "-1/day", "inf/day", "5/day 5/month", "5/day,6/day"])
def test_a_budget_that_cannot_be_meant_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="budget"):
        parse_budget(text)


@pytest.mark.parametrize(
    ("dollars", "expected"), [(0.1, 100_000), (0.0336, 33_600), ("5", 5_000_000), (0.0387243219, 38_725), (0, 0)]
)
def test_dollars_become_whole_micro_dollars_and_never_fewer(dollars: float | str, expected: int) -> None:
    assert micros(dollars) == expected


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "$0.00"), (1, "$0.0001"), (33_600, "$0.0336"), (67_000, "$0.067"), (5_000_000, "$5.00"), (10**9, "$1,000.00")],
)
def test_money_is_said_as_people_read_it(amount: int, words: str) -> None:
    assert said(amount) == words
