"""Each row of a dataset against the interaction contract."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mlops.artifact.identifiers import MAX_ID
from mlops.artifact.spelling import MISSING_TEXTS
from mlops.contract import Column
from mlops.data.cells import describe_cells
from mlops.data.findings import Finding
from mlops.data.text import can_be
from mlops.errors.violations import Violation
from mlops.interactions import InteractionContract, Rating
from mlops.recommend.data.columns import ABSENT, UNREADABLE, Coded, Flags, are_inexact, describe_counts
from mlops.spec import RecommenderSpec

AHEAD = timedelta(days=1)
"""How far ahead of the training's clock a time may be: clocks are set wrongly, and in other zones."""
SURE_HEADER = 2
"""A first line with so many of the contract's columns is a header, and its other names are no one's values."""


def check_columns(table: pa.Table, spec: RecommenderSpec) -> Iterator[Violation]:
    """Columns that are missing, that the contract doesn't have, or that can't hold what it says."""
    contract = spec.interactions
    given, wanted = table.column_names, contract.columns
    found = [name for name in wanted if name in given]
    if not found:
        message = f"none of the contract's columns is in the first line; it must be a header: {', '.join(wanted)}"
        yield Violation(rule="header", message=message)
        return
    for name in wanted:
        if name not in given:
            yield Violation(rule="missing", column=name, message=f"column {name!r} is missing")
    for place, name in enumerate(given, 1):
        if name in wanted or name in spec.ignored:
            continue
        if len(found) >= SURE_HEADER:
            message = f"the contract has no column {name!r}; name it in the spec's ignored=(…) if it isn't needed"
            yield Violation(rule="unknown", column=name, message=message)
        else:
            yield Violation(rule="unknown", message=f"column {place} of the file is none of the contract's")
    for column in describe_columns(contract):
        if column.name in found:
            yield from _check_type(column, table[column.name], contract)


def _check_type(column: Column, cells: pa.ChunkedArray, contract: InteractionContract) -> Iterator[Violation]:
    """A type that the column's cells can't have."""
    # A time may be a count since 1970.
    if not can_be(cells, column.kind) and not (column.kind == "datetime" and can_be(cells, "number")):
        message = f"column {column.name!r} must be of kind {column.kind}, and the file has it as {cells.type}"
        yield Violation(rule="type", column=column.name, message=message)
    elif column.name in (contract.user, contract.item) and are_inexact(cells):
        message = (
            f"column {column.name!r} has ids as floating-point numbers of 2^53 or more, in which neighbours are the "
            "same number; write them as whole numbers or as text"
        )
        yield Violation(rule="type", column=column.name, message=message)


def describe_columns(contract: InteractionContract) -> tuple[Column, ...]:
    """The contract's columns as those of tables are described: for messages, and for who may see what."""
    columns = [contract.user_column, Column(name=contract.item, kind="category")]
    if contract.time:
        columns.append(Column(name=contract.time, kind="datetime"))
    if contract.event:
        columns.append(Column(name=contract.event, kind="category", categories=tuple(contract.events)))
    if contract.rating:
        low, high = contract.rating.minimum, contract.rating.maximum
        columns.append(Column(name=contract.rating.column, kind="number", minimum=low, maximum=high))
    return tuple(columns)


def check_ids(ids: Coded, column: Column, given: pa.ChunkedArray) -> Iterator[Finding]:
    """Ids that are missing, also as programs spell it, or too long to be one."""
    missing = [not text or text.lower() in MISSING_TEXTS for text in ids.texts.tolist()]
    yield _find(ids.are(missing), column, "missing", "must be an id", given)
    too_long = [len(text) > MAX_ID for text in ids.texts.tolist()]
    yield _find(ids.are(too_long), column, "length", f"must be an id of at most {MAX_ID} characters", None)


def check_events(events: Coded, column: Column, given: pa.ChunkedArray) -> Finding:
    """Events that the contract doesn't have."""
    unknown = [text not in column.categories for text in events.texts.tolist()]
    return _find(events.are(unknown), column, "event", f"must be one of {', '.join(column.categories)}", given)


def check_times(
    times: NDArray[np.int64], column: Column, given: pa.ChunkedArray, spec: RecommenderSpec, now: datetime
) -> Iterator[Finding]:
    """Times that are missing, can't be read, or that no right clock has shown."""
    earliest = datetime.combine(spec.earliest, time(), UTC)
    least, most = (round(moment.timestamp() * 1000) for moment in (earliest, now + AHEAD))
    missing, unreadable = times == ABSENT, times == UNREADABLE
    known = ~missing & ~unreadable
    yield _find(missing, column, "missing", "must be a time", given)
    demand = "must be a date and time (ISO 8601), or a count of seconds or milliseconds since 1970"
    yield _find(unreadable, column, "type", demand, given)
    early, late = known & (times < least), known & (times > most)
    unit = describe_counts(given) if early.any() or late.any() else None
    read = f"; counts are read as {unit} since 1970, the unit of the middle one" if unit else ""
    yield _find(early, column, "minimum", f"must be {spec.earliest} or later (the spec's earliest){read}", given)
    demand = f"must not be in the future; it's {now:%Y-%m-%d %H:%M} UTC{read}"
    yield _find(late, column, "future", demand, given)


def check_ratings(
    ratings: NDArray[np.float64],
    missing: Flags,
    unreadable: Flags,
    column: Column,
    given: pa.ChunkedArray,
    *,
    required: bool,
    rating: Rating,
) -> Iterator[Finding]:
    """Ratings that can't be read or are out of range, and missing ones where each row must have one."""
    if required:
        yield _find(missing, column, "missing", "must be a number", given)
    yield _find(unreadable, column, "type", "must be a number", given)
    yield _find(ratings < rating.minimum, column, "minimum", f"must be at least {rating.minimum:g}", given)
    yield _find(ratings > rating.maximum, column, "maximum", f"must be at most {rating.maximum:g}", given)


def _find(broken: Flags, column: Column, rule: str, demand: str, given: pa.ChunkedArray | None) -> Finding:
    return Finding(np.flatnonzero(broken), describe_cells(column, rule, demand, given))
