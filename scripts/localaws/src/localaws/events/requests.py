"""Requests of EventBridge that moto doesn't implement, or accepts where EventBridge doesn't."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import InvalidEventPatternException, ValidationException

from localaws.events.pattern import PatternError, compile_pattern

# Entries of a PutEvents request, and the bytes of all of them.
_MOST_ENTRIES = 10
_LARGEST_REQUEST = 1_048_576
# Targets of a rule.
_MOST_TARGETS = 5
_FIELDS = ("id", "account", "source", "time", "region", "resources", "detail-type")
_MALFORMED = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
_NOT_AUTHORIZED = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}


def test_pattern(handler: Any) -> str:
    """TestEventPattern: whether a pattern matches an event.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
    """
    try:
        event = json.loads(handler._get_param("Event"))
    except ValueError:
        raise ValidationException("Parameter Event is not valid.") from None
    absent = [name for name in _FIELDS if not isinstance(event, dict) or name not in event]
    if absent:
        raise ValidationException(f"Parameter Event is not valid. Reason: {absent[0]} is a required field.")
    try:
        matches = compile_pattern(json.loads(handler._get_param("EventPattern")))
    except PatternError as error:
        raise InvalidEventPatternException(reason=str(error)) from None
    except ValueError:
        raise InvalidEventPatternException(reason="Invalid JSON") from None
    return json.dumps({"Result": matches(event)})


class LimitExceeded(JsonRESTError):
    """More than AWS allows."""

    code = 400

    def __init__(self) -> None:
        super().__init__("LimitExceededException", "The requested resource exceeds the maximum number allowed.")


def remove_targets(handler: Any) -> str:
    """RemoveTargets: ids that the rule doesn't have are reported one by one.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html
    """
    backend, rule, ids = handler.events_backend, handler._get_param("Rule"), handler._get_param("Ids")
    arn = handler._get_param("EventBusName")
    bus = backend.event_buses.get(backend._normalize_event_bus_arn(arn))
    known = {target["Id"] for target in bus.rules[rule].targets} if bus and rule in bus.rules else set()
    # It raises for a bus or a rule that doesn't exist.
    backend.remove_targets(rule, arn, ids)
    failed = [
        {
            "TargetId": each,
            "ErrorCode": "ResourceNotFoundException",
            "ErrorMessage": f"Rule {rule} does not have a target with the Id {each}.",
        }
        for each in ids
        if each not in known
    ]
    return json.dumps({"FailedEntryCount": len(failed), "FailedEntries": failed})


def checked_deletion(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap EventsBackend.delete_event_bus: a bus with rules isn't deleted."""

    def delete_event_bus(backend: Any, name: str) -> None:
        bus = backend.event_buses.get(name)
        if bus is not None and bus.rules and name != "default":
            raise ValidationException(f"Cannot delete event bus {name} because it has rules.")
        original(backend, name)

    return delete_event_bus


def unsupported(handler: Any) -> str:
    """An operation that local AWS refuses by name, such as CreateArchive: events aren't archived."""
    raise NotImplementedError(handler.path)


def check_size(events: Sequence[Mapping[str, Any]]) -> None:
    """Raise ValidationException for more than ten entries, or more than 1 MB together.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
    """
    if len(events) > _MOST_ENTRIES:
        raise ValidationException(
            "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MOST_ENTRIES}"
        )
    if sum(map(_size, events)) > _LARGEST_REQUEST:
        raise ValidationException("Total size of the entries in the request is over the limit.")


def _size(event: Mapping[str, Any]) -> int:
    """The size of an entry in bytes, as documented: a time counts as 14."""
    texts = [event.get(name) or "" for name in ("Source", "DetailType", "Detail")] + (event.get("Resources") or [])
    return sum(len(str(text).encode()) for text in texts) + (14 if event.get("Time") else 0)


def check_count(known: Iterable[Mapping[str, Any]], added: Iterable[Mapping[str, Any]]) -> None:
    """Raise LimitExceeded if a rule with the targets `known` would have more than five with those that are added."""
    if len({target["Id"] for target in [*known, *added]}) > _MOST_TARGETS:
        raise LimitExceeded


def _refusal(event: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The error of an entry from an AWS service's source or without an object as its detail, else None.

    Fields that are missing are found by moto.
    """
    if str(event.get("Source", "")).lower().startswith("aws."):
        return _NOT_AUTHORIZED
    if not all(event.get(name) for name in ("Source", "DetailType", "Detail")):
        return None
    try:
        detail = json.loads(event["Detail"])
    except ValueError:
        return _MALFORMED
    return None if isinstance(detail, dict) else _MALFORMED


def _lost(backend: Any, event: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The answer to an event for a bus that doesn't exist: AWS accepts it, and nobody gets it."""
    name = event.get("EventBusName")
    if not name or backend._normalize_event_bus_arn(name) in backend.event_buses:
        return None
    return {"EventId": str(uuid.uuid4())}


def checked_events(original: Callable[..., list[dict[str, Any]]]) -> Callable[..., list[dict[str, Any]]]:
    """Wrap EventsBackend.put_events: it checks the size of a request, and the source and the detail of its entries."""

    def put_events(backend: Any, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        check_size(events)
        answers = [_refusal(event) or _lost(backend, event) for event in events]
        allowed = [event for event, answer in zip(events, answers, strict=True) if answer is None]
        entries = iter(original(backend, allowed))
        return [next(entries) if answer is None else dict(answer) for answer in answers]

    return put_events
