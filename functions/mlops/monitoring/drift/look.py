"""A look: the columns of one more window join the tests of a model version, and what has drifted is found."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import blake2b

import numpy as np

from mlops.monitoring.drift.cells import Floats, Ints
from mlops.monitoring.drift.effect import Change, Sample, Tolerance, compare, take_sample
from mlops.monitoring.drift.evidence import Evidence, opened_share
from mlops.monitoring.drift.reference import Part, Reference, Values
from mlops.monitoring.drift.state import ColumnState, DriftState, Window

ALPHA = 0.05
"""The chance that any column of a version is ever found to have drifted if none has."""
MOST_ROWS = 1_000
"""Rows of a window that are looked at; more only find shifts that don't matter."""
POOLED_ROWS = 2_000
"""An effect is measured on the last days since the drift began that have so many rows together, or on KEPT_DAYS."""
KEPT_DAYS = 7
TOLERANCE = Tolerance()
_DAY = 86_400


@dataclass(frozen=True)
class Finding:
    """A column that has drifted, with a chance of at most ALPHA that any such finding of the version is false.

    `p_value` is valid at any time, not corrected for the number of columns. `since` is the day on which the drift most
    likely began. `changes` are the effects beyond the tolerance, measured on `rows` rows; if there are none, the drift
    doesn't matter (any more).
    """

    column: str
    p_value: float
    since: date
    rows: int
    changes: tuple[Change, ...]

    @property
    def matters(self) -> bool:
        """Whether any effect is beyond the tolerance."""
        return bool(self.changes)


def look(
    state: DriftState | None,
    references: Mapping[str, Reference],
    columns: Mapping[str, Values],
    window: Window,
    seed: int,
    *,
    tolerance: Tolerance = TOLERANCE,
    alpha: float = ALPHA,
) -> tuple[DriftState, tuple[Finding, ...]]:
    """The version's state after a window, and the columns that have drifted by then.

    `columns` are the recorded values [N] by column, missing ones None or NaN; one that isn't there has no rows. `state`
    is None before the first window. A window that was looked at last changes nothing, and the same findings come
    again; `seed` must be the same then. Raises ValueError for a window that starts before the last one ended, or for
    references that aren't those of the state.
    """
    parsed = {
        name: reference.parse(_thin(columns.get(name, ()), _rng(seed, window, "rows")))
        for name, reference in references.items()
    }
    if state is None:
        state = _advance(_begin(references, window), references, parsed, window, seed)
    _check(state, references, window)
    if window != state.last:
        state = _advance(state, references, parsed, window, seed)
    findings = []
    for name in significant(state, references, alpha):
        rng = _rng(seed, window, f"effect {name}")
        findings.append(_find(name, state.columns[name], references[name], parsed[name], tolerance, rng))
    return state, tuple(findings)


def p_value(state: ColumnState, reference: Reference) -> float:
    """A p-value of a column that is valid at any time: with no drift it's ever at most a with a chance of at most a.

    It is the least of the tests' ones, each divided by its share.
    """
    logs = [math.log(test.share) + state.evidence[part].log_peak for part, test in reference.tests.items()]
    return min(1.0, math.exp(-max(logs)))


def significant(state: DriftState, references: Mapping[str, Reference], alpha: float = ALPHA) -> list[str]:
    """The columns that have drifted, least p-value first, by Holm's procedure.

    Scandinavian Journal of Statistics 6, 1979. It holds whatever the columns have to do with each other. The mean over
    columns of e-processes, and so e-BH at a time of one's choice, wouldn't: each column's is an e-process among its own
    values only, not in the light of the others (Choe, Ramdas: Combining evidence across filtrations, 2024). p-values
    that are valid at any time are so in any light.
    """
    values = sorted((p_value(column, references[name]), name) for name, column in state.columns.items())
    found = []
    for place, (value, name) in enumerate(values):
        if value > alpha / (len(values) - place):
            break
        found.append(name)
    return found


def _check(state: DriftState, references: Mapping[str, Reference], window: Window) -> None:
    if differing := state.columns.keys() ^ references.keys():
        raise ValueError(f"columns that are in the state or in the references only: {', '.join(sorted(differing))}")
    if window != state.last and window.start < state.last.end:
        raise ValueError(f"the window that starts {window.start.isoformat()} was looked at before, or in part")


def _begin(references: Mapping[str, Reference], window: Window) -> DriftState:
    columns = {
        name: ColumnState(
            {part: Evidence.begin(test.cells.gaps, test.alternatives) for part, test in reference.tests.items()}, {}
        )
        for name, reference in references.items()
    }
    return DriftState(window.start, window, columns)


def _advance(
    state: DriftState, references: Mapping[str, Reference], parsed: Mapping[str, Floats], window: Window, seed: int
) -> DriftState:
    begun, start = int(state.begun.timestamp()), int(window.start.timestamp())
    share = opened_share((start - begun) / _DAY)
    pause = (window.start - state.last.start).total_seconds() / _DAY
    day = f"{window.start.astimezone(UTC):%Y-%m-%d}"
    columns = {}
    for name, reference in references.items():
        rng = _rng(seed, window, name)
        old = state.columns[name]
        parts = reference.split(parsed[name])
        cells: dict[Part, Ints] = {part: test.cells.place(parts[part], rng) for part, test in reference.tests.items()}
        evidence = {
            part: old.evidence[part].open(share, start, pause).add(cells[part], test.alternatives)
            for part, test in reference.tests.items()
        }
        columns[name] = ColumnState(evidence, _keep(old.days, day, take_sample(reference, parsed[name])))
    return replace(state, last=window, columns=columns)


def _keep(days: dict[str, Sample], day: str, sample: Sample) -> dict[str, Sample]:
    kept = {**days, day: days[day] + sample if day in days else sample}
    return dict(list(kept.items())[-KEPT_DAYS:])


def _find(
    name: str,
    state: ColumnState,
    reference: Reference,
    parsed: Floats,
    tolerance: Tolerance,
    rng: np.random.Generator,
) -> Finding:
    tests = reference.tests
    part = max(tests, key=lambda each: math.log(tests[each].share) + state.evidence[each].log_peak)
    began = state.evidence[part].start(tests[part].alternatives)
    since = datetime.fromtimestamp(began, UTC).date()
    sample = _pool(state.days, since)
    changes = [change for change in compare(reference, sample, parsed, tolerance, rng) if change.matters]
    plain = [change for change in changes if change.kind != "shape"]
    return Finding(name, p_value(state, reference), since, sample.rows, tuple(plain or changes))


def _pool(days: dict[str, Sample], since: date) -> Sample:
    """The last days, back to `since`, until there are enough rows."""
    (_, pooled), *earlier = reversed(days.items())
    for day, sample in earlier:
        if pooled.rows >= POOLED_ROWS or day < since.isoformat():
            break
        pooled += sample
    return pooled


def _thin(values: Values, rng: np.random.Generator) -> Values:
    """At most MOST_ROWS of the values, drawn at random: the same rows of each column."""
    found = np.asarray(values)
    if len(found) <= MOST_ROWS:
        return found
    return found[rng.choice(len(found), MOST_ROWS, replace=False, shuffle=False)]


def _rng(seed: int, window: Window, purpose: str) -> np.random.Generator:
    key = f"{seed} {window.start.timestamp()} {window.end.timestamp()} {purpose}"
    return np.random.default_rng(int.from_bytes(blake2b(key.encode(), digest_size=8).digest()))
