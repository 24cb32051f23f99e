"""The truth of one prediction, without DuckDB: the same rule as standing.py's, which a test compares it with."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlops.contract import Contract, Target
from mlops.records.find import records_with
from mlops.records.ids import prediction_time
from mlops.records.layout import FEEDBACK
from mlops.records.objects import fetch_objects, list_objects

if TYPE_CHECKING:
    from obstore.store import ObjectStore


@dataclass(frozen=True)
class Truth:
    """What was received of a prediction: a label or a number, its own time, and when and from where it came."""

    value: str | float
    at: datetime
    received_at: datetime
    source: str


@dataclass(frozen=True)
class Truths:
    """What is known of the truth of one prediction.

    `standing` is the truth that stands, `others` are those that it replaced, each once and the latest first. `by_key`
    name the prediction's row by its key: such a truth is that of the latest prediction of the row before it, this one
    or another. Feedback that was received up to `until` was looked through, which is before today if there was too
    much.
    """

    standing: Truth | None
    others: Sequence[Truth]
    by_key: Sequence[Truth]
    until: date


@dataclass
class _Lines:
    named: list[Truth] = field(default_factory=list)
    keyed: list[Truth] = field(default_factory=list)


def find_truths(
    store: "ObjectStore",
    record: Mapping[str, Any],
    contract: Contract,
    today: date,
    *,
    key: Sequence[str] = (),
    scan_days: int = 30,
    most_objects: int = 2_000,
    most_bytes: int = 64_000_000,
) -> Truths:
    """The truths of a prediction, from its record: feedback from its day on, day by day while it's within the limits.

    `key` are the columns that may name a row; `scan_days` is how much later such a truth may be.
    """
    model, identity = record["model"], record["prediction_id"]
    made = prediction_time(identity)
    keyed_cells = _key_of(record, contract, key)
    lines, day = _Lines(), made.date()
    objects: list[tuple[str, int]] = []
    until = day
    while day <= today:
        found = list_objects(store, FEEDBACK, model, [day])
        size = sum(each[1] for each in (*objects, *found))
        if len(objects) + len(found) > most_objects or size > most_bytes:
            break
        objects += found
        until, day = day, day + timedelta(days=1)
    for fetched in fetch_objects(store, objects):
        content = fetched.content or b""
        for line in records_with(content, identity.encode()):
            if line.get("prediction_id") == identity:
                lines.named += _read(line, contract.target)
        if keyed_cells is None:
            continue
        for line in records_with(content, b'"key"'):
            if line.get("prediction_id") is None and line.get("key") == keyed_cells:
                lines.keyed += _read(line, contract.target)
    named = sorted(lines.named, key=_rank, reverse=True)
    late = made + timedelta(days=scan_days)
    return Truths(
        standing=named[0] if named else None,
        others=_distinct(named)[1:],
        by_key=tuple(sorted((each for each in lines.keyed if made <= each.at <= late), key=_rank, reverse=True)),
        until=until,
    )


def _rank(truth: Truth) -> tuple[datetime, datetime, str | float]:
    """The latest by its own time stands, then the one received later, then the greater."""
    return truth.at, truth.received_at, truth.value


def _distinct(truths: Sequence[Truth]) -> Sequence[Truth]:
    """Without duplicates: those that say the same at the same time."""
    return tuple({(each.value, each.at): each for each in reversed(truths)}.values())[::-1]


def _key_of(record: Mapping[str, Any], contract: Contract, key: Sequence[str]) -> dict[str, Any] | None:
    """The cells of the record's row that a key names it by; None if the record doesn't have them all."""
    recorded = {column.name for column in contract.columns if column.privacy != "drop"}
    inputs = record.get("inputs")
    if not key or not recorded.issuperset(key) or not isinstance(inputs, dict):
        return None
    return {name: inputs.get(name) for name in key}


def _read(line: Mapping[str, Any], target: Target) -> Iterator[Truth]:
    """The truth in a line of feedback; nothing where it doesn't fit the target."""
    value = line.get("truth")
    if target.labels:
        if value not in target.labels:
            return
    elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return
    try:
        at, received = (datetime.fromisoformat(line[name]) for name in ("at", "received_at"))
    except (KeyError, TypeError, ValueError):
        return
    yield Truth(value, at, received, str(line.get("source", "")))
