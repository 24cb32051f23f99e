"""A request for recommendations: who asks, with which history, how many items, and which not."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any

from pydantic_core import from_json

from mlops.artifact.recommender.answering import EventTuple
from mlops.errors.serving import BodyUnreadable, InputRejected
from mlops.errors.violations import Violation
from mlops.interactions import InteractionContract
from mlops.serving.recommend.rules import Rules

MAX_K = 500
MAX_HISTORY = 1_000  # events
MAX_EXCLUDED = 1_000  # items
MAX_BODY = 400_000  # bytes: as many of each, with long ids

_MAX_VIOLATIONS = 100


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """Whom to recommend to (`user` is None for somebody unknown), `k` items at most, none of `excluded` (ids)."""

    user: str | None
    events: tuple[EventTuple, ...]
    k: int
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a version expects of requests: its contract, `k` where they name none, and the ids of the items it knows."""

    contract: InteractionContract
    k: int
    items: AbstractSet[str]


def read_request(body: bytes, expected: Expected, now: datetime) -> RecommendationRequest:
    """The request in a body. Raises BodyUnreadable, or InputRejected with what is wrong."""
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BodyUnreadable(str(error)) from None
    return check_request(document, expected, now)


def check_request(document: Any, expected: Expected, now: datetime, row: int | None = None) -> RecommendationRequest:
    """The request that a JSON value is; `row` is its position among several. Raises InputRejected."""
    rules = Rules(expected.contract, now)
    violations: list[Violation] = []
    checks = {"user": rules.identify, "history": _check_history, "k": _check_k, "exclude": _check_excluded}
    found = rules.read(document, checks, (), row, violations)
    events = _read_events(found.get("history", ()), expected, rules, violations)
    excluded = []
    for place, item in enumerate(found.get("exclude", ())):
        try:
            excluded.append(rules.identify(item))
        except ValueError as error:
            violations.append(Violation(rule="exclude", row=place, column="exclude", message=f"an item {error}"))
    if violations:
        raise InputRejected(violations[:_MAX_VIOLATIONS], total=len(violations))
    return RecommendationRequest(found.get("user"), events, found.get("k", expected.k), tuple(excluded))


def _read_events(
    given: Sequence[Any], expected: Expected, rules: Rules, violations: list[Violation]
) -> tuple[EventTuple, ...]:
    # Events without a time are as late as the request, in the order of the list.
    start = int(rules.now.timestamp() * 1000) - len(given)
    plain = _read_plain(given, expected, start)
    if plain is not None:
        return plain
    checks = {"item": rules.identify, "event": rules.name_event, "time": rules.date, "rating": rules.rate}
    only = expected.contract.only_event
    required = ("item",) if only else ("item", "event")
    events: list[EventTuple] = []
    for place, each in enumerate(given):
        one = _read_plain((each,), expected, start + place)
        if one is not None:
            events += one
            continue
        members = rules.read(each, checks, required, place, violations)
        name = members.get("event", only)
        if "item" in members and name is not None:
            events.append((members["item"], name, members.get("time", start + place), members.get("rating")))
    return tuple(events)


def _read_plain(given: Sequence[Any], expected: Expected, start: int) -> tuple[EventTuple, ...] | None:
    """Events of two names spelled as they are stored, as most are: nothing else is to be checked. None for others."""
    try:
        items = [each["item"] for each in given]
        names = [each["event"] for each in given]
        is_plain = {*map(len, given)} <= {2} and {*names} <= expected.contract.events.keys()
        is_plain = is_plain and {*items} <= expected.items
    except (AttributeError, KeyError, TypeError):  # no object, another member, or a value that is none of a name
        return None
    return tuple(zip(items, names, range(start, start + len(given)), repeat(None))) if is_plain else None


def _check_history(value: Any) -> list[Any]:
    return _check_list(value, MAX_HISTORY, "events")


def _check_excluded(value: Any) -> list[Any]:
    return _check_list(value, MAX_EXCLUDED, "items")


def _check_list(value: Any, most: int, unit: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("must be a list")
    if len(value) > most:
        raise ValueError(f"may have {most:,} {unit}, and has {len(value):,}")
    return value


def _check_k(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_K:
        raise ValueError(f"must be a whole number from 1 to {MAX_K}")
    return value
