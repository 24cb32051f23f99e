"""Feedback as clients and files give it → checked truths. The same rules hold for both."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_core import from_json

from mlops.artifact.spelling import respell, strip
from mlops.contract import Target
from mlops.errors.records import TruthInvalid
from mlops.errors.serving import BodyTooLarge, BodyUnreadable, TruthsRejected
from mlops.errors.violations import Violation
from mlops.records.ids import prediction_time

MAX_TRUTHS = 500
CLOCK_SKEW = timedelta(minutes=5)
"""How far another machine's clock may be ahead."""
MEMBERS = ("prediction_id", "truth", "at")

_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # no prediction is older
_FIRST_YEAR = 1970
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)", re.ASCII)
_MAX_VIOLATIONS = 100
_MAX_SHOWN = 80  # characters of a name or value that an error repeats


@dataclass(frozen=True, slots=True)
class Truth:
    """What was right about one prediction, named by its id or by its row's `key` {column: cell after the privacy rule}.

    `truth` is a label, or a number in the target's unit; `at` is the truth's own time, UTC.
    """

    prediction_id: str | None
    truth: str | float
    at: datetime
    key: Mapping[str, Any] | None = None


def read_truths(body: bytes, target: Target, now: datetime, *, repeat_values: bool = True) -> list[Truth]:
    """The truths of a request: one, `{"prediction_id", "truth", "at"}`, or up to 500, `{"truths": [{…}, …]}`.

    All of them or none: raises BodyUnreadable, BodyTooLarge, or TruthsRejected with the first hundred violations, whose
    `row` is a truth's position. Without `repeat_values` they don't show what broke the rule: where columns are private
    it may be one of their values in the wrong place.
    """
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BodyUnreadable(str(error)) from None
    given = _list_truths(document)
    truths: list[Truth] = []
    violations: list[Violation] = []
    for row, members in enumerate(given):
        found = _check_members(members, target, now, row, repeat_values)
        if isinstance(found, Truth):
            truths.append(found)
        else:
            violations.extend(found)
    if violations:
        raise TruthsRejected(violations[:_MAX_VIOLATIONS], total=len(violations))
    return truths


def check_id(value: Any, now: datetime) -> str:
    """A prediction's id in lower case. Raises TruthInvalid unless it was made between 2020 and now."""
    if not isinstance(value, str):
        raise TruthInvalid("prediction_id", "must be text")
    name = value.lower()
    try:
        made = prediction_time(name)
    except ValueError:
        raise TruthInvalid("prediction_id", "must be the id of a prediction, a version 7 UUID") from None
    if not _EARLIEST <= made <= now + CLOCK_SKEW:
        raise TruthInvalid("prediction_id", "must be the id of a prediction that was made between 2020 and now")
    return name


def check_truth(value: Any, target: Target) -> str | float:
    """A label of the target, however it's spelt, or a finite number. Raises TruthInvalid."""
    if target.labels:
        text = str(value).lower() if isinstance(value, bool) else strip(value) if isinstance(value, str) else ""
        label = text if text in target.labels else respell([text], target.labels).get(text)
        # JSON's true is a label that is called so, or 1; "yes" would be another statement.
        is_other = isinstance(value, bool) and label is not None and label.isalpha() and label.lower() != text
        if label is None or is_other:
            raise TruthInvalid("label", f"must be one of {', '.join(target.labels)}")
        return label
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TruthInvalid("number", "must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise TruthInvalid("finite", "must be a finite number")
    return number


def check_moment(value: Any, now: datetime) -> datetime:
    """The truth's time in UTC. Raises TruthInvalid unless it has a date, time and zone and isn't in the future."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise TruthInvalid("undated", "must be a time with its zone, such as 2026-11-29T14:05:00Z")
    try:
        return check_datetime(datetime.fromisoformat(value), now)
    except ValueError:
        raise TruthInvalid("undated", "must be a time that exists, such as 2026-11-29T14:05:00Z") from None


def check_datetime(moment: datetime, now: datetime) -> datetime:
    """The same of a time that needn't be parsed."""
    if moment.tzinfo is None:
        raise TruthInvalid("undated", "must have a time zone")
    if moment.year < _FIRST_YEAR:
        raise TruthInvalid("undated", f"can't be before {_FIRST_YEAR}")
    if moment > now + CLOCK_SKEW:
        raise TruthInvalid("future", "can't be in the future")
    return moment.astimezone(UTC)


def _list_truths(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        raise TruthsRejected([Violation(rule="type", message='the body must be an object: {"truths": [{…}, …]}')])
    if "truths" not in document:
        return [document]
    if unknown := [name for name in document if name != "truths"]:
        message = f"beside 'truths' the body has nothing, not {_shorten(unknown[0])!r}"
        raise TruthsRejected([Violation(rule="unknown", message=message)])
    given = document["truths"]
    if not isinstance(given, list) or not given:
        raise TruthsRejected([Violation(rule="type", message="'truths' must be a list of at least one truth")])
    if len(given) > MAX_TRUTHS:
        raise BodyTooLarge("truths", MAX_TRUTHS, len(given))
    return given


def _check_members(
    members: Any, target: Target, now: datetime, row: int, repeat_values: bool
) -> Truth | list[Violation]:
    if not isinstance(members, dict):
        message = "a truth must be an object: {prediction_id, truth, at}"
        return [Violation(rule="type", row=row, message=message)]
    violations = [
        Violation(rule="unknown", row=row, column=_shorten(name), message=f"a truth has no member {_shorten(name)!r}")
        for name in members
        if name not in MEMBERS
    ]
    checks: dict[str, Callable[[Any], Any]] = {
        "prediction_id": lambda value: check_id(value, now),
        "truth": lambda value: check_truth(value, target),
        "at": lambda value: check_moment(value, now),
    }
    checked: dict[str, Any] = {}
    for name, check in checks.items():
        if name not in members:
            violations.append(Violation(rule="missing", row=row, column=name, message=f"{name} is missing"))
            continue
        try:
            checked[name] = check(members[name])
        except TruthInvalid as error:
            shown = _shorten(repr(members[name])) if repeat_values else None
            message = f"{name} {error.reason}" + (f", not {shown}" if shown else "")
            violations.append(Violation(rule=error.rule, row=row, column=name, message=message, value=shown))
    return violations or Truth(**checked)


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
