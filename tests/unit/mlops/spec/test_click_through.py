"""Which events count as clicks and conversions."""

from typing import Any

import pytest

from mlops.errors.training import SpecInvalid
from mlops.spec import RecommenderSpec
from mlops.spec.click_through import ClickThrough

EVENTS = {"shown": None, "known": 0.0, "click": 1.0, "purchase": 4.0, "dislike": -1.0}


def test_without_names_clicks_are_what_is_preferred_and_conversions_what_weighs_most() -> None:
    rules = ClickThrough()
    assert rules.click_names(EVENTS) == ("click", "purchase")
    assert rules.conversion_names(EVENTS) == ("purchase",)
    assert rules.conversion_names({"view": 1.0, "shown": None}) == ()


def test_names_of_the_spec_stand() -> None:
    rules = ClickThrough(clicks=("click",), conversions=("click", "purchase"))
    assert rules.click_names(EVENTS) == ("click",)
    assert rules.conversion_names(EVENTS) == ("click", "purchase")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"clicks": ("tap",)}, "click_through's clicks name tap, which are no events of the spec"),
        ({"conversions": ("sale",)}, "click_through's conversions name sale, which are no events of the spec"),
        ({"margin": 1.0}, "click_through's margin is 1.0; it must be at least 0 and less than 1"),
        ({"fewest_answers": 0}, "click_through's fewest_answers is 0; it must be at least 1"),
    ],
)
def test_what_cannot_be_is_named(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(SpecInvalid, match=reason):
        RecommenderSpec(name="shop", event="event", events=EVENTS, floors={}, click_through=ClickThrough(**options))
