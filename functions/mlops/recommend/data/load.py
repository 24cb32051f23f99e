"""A dataset's bytes → interactions: read, check, leave out what breaks rules."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mlops.data.findings import Finding, Rejected, broken_rows, gather
from mlops.data.read import MAX_BYTES, read_dataset
from mlops.errors.data import DatasetRejected
from mlops.errors.violations import Violation, group_violations
from mlops.interactions import InteractionContract
from mlops.privacy import is_public
from mlops.recommend.data.alike import describe_alike
from mlops.recommend.data.check import (
    check_columns,
    check_events,
    check_ids,
    check_ratings,
    check_times,
    describe_columns,
)
from mlops.recommend.data.columns import Coded, Flags, read_events, read_ids, read_numbers, read_times
from mlops.recommend.data.conduct import Acts, find_bots, find_repeats
from mlops.recommend.interactions import Interactions
from mlops.recommend.split import cut_time
from mlops.spec import RecommenderSpec

TIMES = "times"
"""The rule that a split by time needs more than one time."""


@dataclass(frozen=True, eq=False)
class InteractionData:
    """The interactions of a dataset, and the rows that were left out.

    `sha256` digests the former: the same rows have the same one in every format and spelling. `shown` counts the rows
    that say that an item was shown, and nothing of taste: no interactions. `remarks` are sentences for people.
    """

    interactions: Interactions
    rejected: Rejected
    columns: int
    shown: int
    remarks: tuple[str, ...]
    sha256: str


def load_interactions(
    content: bytes, name: str, spec: RecommenderSpec, now: datetime, max_bytes: int | None = None
) -> InteractionData:
    """Read and check a dataset; `name` is its file's name or address, `now` the time that no event may be after.

    It may have `max_bytes` unpacked, or as many as are ever read. Raises DatasetRejected with all violations.
    """
    limit = MAX_BYTES if max_bytes is None else min(MAX_BYTES, max_bytes)
    # Nothing else holds the table, so that it's gone once its columns are arrays.
    return check_table(read_dataset(content, name, limit), spec, now)


def check_table(table: pa.Table, spec: RecommenderSpec, now: datetime) -> InteractionData:
    """The interactions of a dataset that was read. Raises DatasetRejected with all violations."""
    violations = list(check_columns(table, spec))
    if violations:
        raise DatasetRejected(f"the columns don't match the contract: {violations[0].message}", violations)
    users, items, events, acts, findings = _read(table, spec, now)
    del table
    kept = np.ones(len(acts.user), dtype=np.bool_)
    kept[broken := broken_rows(findings)] = False
    if len(broken) > spec.max_rejected * len(kept):
        raise _too_many(gather(findings), len(kept), spec)
    remarks: list[str] = []
    for finding in _find_misconduct(users, acts, kept, spec, remarks):
        findings.append(finding)
        kept[finding.rows] = False
    rejected = gather(findings)
    weights = _weigh(spec.interactions, events, acts)
    shown = int(np.isnan(weights[kept]).sum())
    kept &= ~np.isnan(weights)
    users, items = users.take(kept), items.take(kept)
    interactions = Interactions(
        users=users.texts,
        items=items.texts,
        user=users.codes,
        item=items.codes,
        weight=weights[kept],
        time=acts.time[kept],
        event=_places(spec.interactions, events)[kept],
    )
    if violations := list(_check_amount(interactions, spec)):
        listed = [*violations, *rejected.violations]
        groups = (*group_violations(violations), *rejected.groups)
        total = len(violations) + rejected.total
        raise DatasetRejected(f"there is too little data: {violations[0].message}", listed, total, groups)
    shows_users = is_public(spec.interactions.user_column)
    remarks += describe_alike(users.texts, "users", show=shows_users)
    remarks += describe_alike(items.texts, "items", show=True)
    return InteractionData(
        interactions=interactions,
        rejected=rejected,
        columns=len(spec.interactions.columns),
        shown=shown,
        remarks=tuple(remarks),
        sha256=_digest(interactions, acts.rating[kept]),
    )


def _read(table: pa.Table, spec: RecommenderSpec, now: datetime) -> tuple[Coded, Coded, Coded, Acts, list[Finding]]:
    """Users, items and events as codes, all columns as arrays, and what breaks the contract."""
    contract, count = spec.interactions, table.num_rows
    columns = {column.name: column for column in describe_columns(contract)}
    findings: list[Finding] = []
    coded = []
    for name in (contract.user, contract.item):
        ids = read_ids(table[name], fold_case=contract.fold_case)
        findings += check_ids(ids, columns[name], table[name])
        coded.append(ids)
    if contract.event:
        events = read_events(table[contract.event])
        findings.append(check_events(events, columns[contract.event], table[contract.event]))
    else:
        events = Coded(np.array([contract.only_event], dtype=object), np.zeros(count, dtype=np.int32))
    if contract.time:
        times = read_times(table[contract.time])
        findings += check_times(times, columns[contract.time], table[contract.time], spec, now)
    else:
        times = np.arange(count, dtype=np.int64)
    ratings = np.full(count, np.nan)
    if contract.rating:
        name = contract.rating.column
        ratings, missing, unreadable = read_numbers(table[name])
        findings += check_ratings(
            ratings,
            missing,
            unreadable,
            columns[name],
            table[name],
            required=contract.event is None,
            rating=contract.rating,
        )
    users, items = coded
    acts = Acts(users.codes, items.codes, events.codes, times, ratings)
    return users, items, events, acts, [finding for finding in findings if len(finding.rows)]


def _find_misconduct(
    users: Coded, acts: Acts, kept: Flags, spec: RecommenderSpec, remarks: list[str]
) -> Iterator[Finding]:
    """Events recorded twice, and the events of users that are no people, among what is kept by then [N].

    Remarks on them are added.
    """
    contract = spec.interactions
    if contract.time:
        repeats = find_repeats(acts, np.flatnonzero(kept))
        if len(repeats.rows):
            remarks.append(f"{len(repeats.rows):,} rows are events that were recorded twice, and were left out.")
            yield repeats
    bots, count = find_bots(
        users,
        acts,
        np.flatnonzero(kept),
        contract.user_column,
        most_daily=spec.most_daily_events,
        most=spec.most_events,
        has_times=contract.time is not None,
    )
    if count:
        remarks.append(
            f"{len(bots.rows):,} rows are of {count:,} users with more than {spec.most_daily_events:,} events on one "
            f"day or {spec.most_events:,} in all, who are taken for programs, and were left out."
        )
        yield bots


def _weigh(contract: InteractionContract, events: Coded, acts: Acts) -> NDArray[np.float64]:
    """The weight of each row [N] as `contract.weigh` has it; NaN where it's None or the event is unknown."""
    known = [contract.events.get(text) for text in events.texts.tolist()]
    base = np.array([np.nan if weight is None else weight for weight in known], dtype=np.float64)
    weights = base[acts.event]
    if contract.rating is None:
        return weights
    # Comparisons with NaN are false: without a rating an event has its own weight.
    if contract.rating.like_from is not None:
        weights = np.where((acts.rating < contract.rating.like_from) & ~np.isnan(weights), 0.0, weights)
    if contract.rating.dislike_below is not None:
        weights = np.where(acts.rating < contract.rating.dislike_below, -np.abs(base[acts.event]), weights)
    return weights


def _places(contract: InteractionContract, events: Coded) -> NDArray[np.int8]:
    """The place of each row's event [N] among the contract's; -1 for an unknown one."""
    names = [*contract.events]
    places = [names.index(text) if text in names else -1 for text in events.texts.tolist()]
    return np.array(places, dtype=np.int8)[events.codes]


def _too_many(rejected: Rejected, rows: int, spec: RecommenderSpec) -> DatasetRejected:
    share = f"{len(rejected.rows):,} of {rows:,} rows break the contract"
    allowed = f", and max_rejected={spec.max_rejected:g} in the spec is the share that may"
    message = f"{share}{allowed}: {rejected.violations[0].message}"
    return DatasetRejected(message, rejected.violations, rejected.total, rejected.groups)


def _check_amount(found: Interactions, spec: RecommenderSpec) -> Iterator[Violation]:
    counts = (("rows", len(found)), ("users", len(found.users)), ("items", len(found.items)))
    for what, count in counts:
        least: int = getattr(spec, f"min_{what}")
        if count < least:
            message = f"there are {count:,} {what}; training needs at least {least:,}, the spec's min_{what}"
            yield Violation(rule=what, message=message)
    if not (found.weight > 0).any():
        yield Violation(rule="events", message="no event has a weight above 0, so there is nothing to learn")
    if spec.split == "time" and len(found) and cut_time(found, spec.test_share) == found.time.min():
        share = float((found.time == found.time.min()).mean())
        message = (
            f"{share:.0%} of the rows have the earliest time, so none is left to learn from before the latest "
            f"{spec.test_share:.0%}, which are held out; give their own times, or hold out users (split='users')"
        )
        yield Violation(rule=TIMES, column=spec.time, message=message)


def _digest(found: Interactions, ratings: NDArray[np.float64]) -> str:
    digest = hashlib.sha256()
    for texts in (found.users, found.items):
        digest.update(f"{len(texts)}\n".encode())
        digest.update("\0".join(texts.tolist()).encode())
    numbers: Sequence[NDArray[np.generic]] = (found.user, found.item, found.time, found.event, ratings)
    for values in numbers:
        digest.update(f"{len(values)}\n".encode())
        digest.update(np.ascontiguousarray(values).view(np.uint8))
    return digest.hexdigest()
