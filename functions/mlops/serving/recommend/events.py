"""A body of feedback → events: what users did with items, and with what they were recommended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from mlops.errors.records import TruthInvalid
from mlops.errors.serving import BodyTooLarge, BodyUnreadable, EventsRejected
from mlops.errors.violations import Violation
from mlops.interactions import InteractionContract
from mlops.records.truths import check_id
from mlops.serving.recommend.recent import UserEvent
from mlops.serving.recommend.rules import Rules

MAX_EVENTS = 500
MAX_EVENT_ID = 64  # characters
_MAX_POSITION = 10_000
_MAX_VIOLATIONS = 100


@dataclass(frozen=True, slots=True)
class FeedbackEvent:
    """An event and its user; `recommendation_id` and `position` (from 1) say where the item was shown, if it was."""

    user: str
    event: UserEvent
    recommendation_id: str | None = None
    position: int | None = None


def read_events(body: bytes, contract: InteractionContract, now: datetime) -> list[FeedbackEvent]:
    """The events of a request: one, `{"id", "user", "item", "event", "time"}`, or up to 500, `{"events": [{…}, …]}`.

    All of them or none: raises BodyUnreadable, BodyTooLarge, or EventsRejected with the first hundred violations, whose
    `row` is an event's position.
    """
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BodyUnreadable(str(error)) from None
    rules = Rules(contract, now)
    checks = {
        "id": _check_event_id,
        "user": rules.identify,
        "item": rules.identify,
        "event": rules.name_event,
        "time": rules.date,
        "rating": rules.rate,
        "recommendation_id": lambda value: _check_recommendation(value, now),
        "position": _check_position,
    }
    only = contract.only_event
    required = ("id", "user", "item", "time", *(() if only else ("event",)))
    violations: list[Violation] = []
    events: list[FeedbackEvent] = []
    known: dict[tuple[str, str], FeedbackEvent] = {}
    for row, each in enumerate(_list_events(document)):
        before = len(violations)
        members = rules.read(each, checks, required, row, violations)
        if len(violations) == before:
            events.append(_make(members, only))
            violations += _check_repeat(events[-1], known, row)
    if violations:
        raise EventsRejected(violations[:_MAX_VIOLATIONS], total=len(violations))
    return events


def _check_repeat(given: FeedbackEvent, known: dict[tuple[str, str], FeedbackEvent], row: int) -> list[Violation]:
    """What is wrong with an event that has the id and user of one before it: only one of them would be learnt from."""
    first = known.setdefault((given.event.id, given.user), given)
    if first == given:
        return []
    message = "id and user are those of an event before it, which is another one; give each event its own id"
    return [Violation(rule="repeated", row=row, column="id", message=message)]


def _make(members: Mapping[str, Any], only: str | None) -> FeedbackEvent:
    name = members.get("event", only)
    event = UserEvent(members["id"], members["item"], name, members["time"], members.get("rating"))
    return FeedbackEvent(members["user"], event, members.get("recommendation_id"), members.get("position"))


def _list_events(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        raise EventsRejected([Violation(rule="type", message='the body must be an object: {"events": [{…}, …]}')])
    if "events" not in document:
        return [document]
    given = document["events"]
    if len(document) > 1:
        raise EventsRejected([Violation(rule="unknown", message="next to 'events' the body has nothing else")])
    if not isinstance(given, list) or not given:
        raise EventsRejected([Violation(rule="type", message="'events' must be a list of at least one event")])
    if len(given) > MAX_EVENTS:
        raise BodyTooLarge("events", MAX_EVENTS, len(given))
    return given


def _check_event_id(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= MAX_EVENT_ID:
        raise ValueError(f"must be a text of 1 to {MAX_EVENT_ID} characters")
    return value.strip()


def _check_recommendation(value: Any, now: datetime) -> str:
    try:
        return check_id(value, now)
    except TruthInvalid as error:
        raise ValueError(error.reason.replace("of a prediction", "of a recommendation")) from None


def _check_position(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MAX_POSITION:
        raise ValueError(f"must be a whole number from 1 to {_MAX_POSITION:,}")
    return value
