"""The interaction contract agrees with itself, and weighs events."""

from typing import Any

import pytest
from pydantic import ValidationError

from mlops.interactions import InteractionContract, Rating
from mlops.privacy import is_public

STARS = Rating(column="stars", minimum=1, maximum=5, like_from=4, dislike_below=2)


def make(**changes: Any) -> InteractionContract:
    given: dict[str, Any] = {"user": "user", "item": "item", "time": "at", "event": "event", "events": {"view": 1.0}}
    return InteractionContract(**(given | changes))


def test_its_columns_are_those_that_are_read() -> None:
    assert make(rating=STARS).columns == ("user", "item", "at", "event", "stars")
    assert make(time=None, event=None).columns == ("user", "item")


def test_a_users_id_is_private_unless_the_contract_says_otherwise() -> None:
    assert not is_public(make().user_column)
    assert is_public(make(user_privacy="keep").user_column)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"item": "user"}, "duplicate columns: user"),
        ({"events": {"View": 1.0}}, "a name has small letters and digits"),
        ({"events": {"dislike": -1.0, "shown": None}}, "no event has a weight above 0"),
        ({"events": {}}, "at least 1 item"),
        ({"event": None, "events": {"view": 1.0, "buy": 2.0}}, "2 events, and no column that says which"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        make(**changes)


@pytest.mark.parametrize(
    "limits",
    [
        {"minimum": 5, "maximum": 5},
        {"minimum": 1, "maximum": 5, "like_from": 1},
        {"minimum": 1, "maximum": 5, "like_from": 6},
        {"minimum": 1, "maximum": 5, "like_from": 2, "dislike_below": 3},
    ],
)
def test_limits_of_a_rating_that_can_never_matter_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Rating(column="stars", **limits)


@pytest.mark.parametrize(
    ("event", "rating", "weight"),
    [
        ("view", None, 1.0),
        ("shown", None, None),
        ("dislike", None, -1.0),
        ("rate", 5.0, 2.0),
        ("rate", 4.0, 2.0),
        ("rate", 3.9, 0.0),
        ("rate", 2.0, 0.0),
        ("rate", 1.9, -2.0),
        ("rate", None, 2.0),
        ("shown", 5.0, None),
    ],
)
def test_an_event_has_the_weight_of_its_name_and_rating(event: str, rating: float | None, weight: float | None) -> None:
    contract = make(rating=STARS, events={"view": 1.0, "rate": 2.0, "dislike": -1.0, "shown": None})
    assert contract.weigh(event, rating) == weight


def test_an_event_that_the_contract_does_not_have_has_no_weight() -> None:
    with pytest.raises(KeyError):
        make().weigh("purchase")
