"""Days until drift is found: shifts of a normal column, and other changes of columns of other kinds."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from mlops.contract import Column
from mlops.monitoring.drift import DriftState, look, p_value
from tests.bench import drift_rivals as rivals
from tests.bench.drift_streams import KINDS, REFERENCE_ROWS, ROWS, Change, DrawColumn, day, normal, reference_of
from tests.bench.drift_tables import head, row, whole_percent

type Delays = tuple[float, float, float]

ALPHA = 0.05
COLUMNS_OF_MODEL = 30
QUIET = 180
WITHIN = (1, 2, 3, 4, 5, 7)
SHIFTS = (0.15, 0.25, 0.5, 1.0)
FINDERS = ("alone", "one of 30", "Evidently's default")


def measure_shifts(streams: int, seed: int) -> None:
    """Print how many shifts of a normal column are found, by reference size, quiet days before, and size."""
    print(f"\nShifts of a normal column found within so many days, in % of {streams:,} streams (95 % interval):\n")
    head("reference rows", "quiet days", "shift", "found", *map(str, WITHIN))
    for rows in REFERENCE_ROWS:
        for quiet in (0, QUIET):
            seeds = np.random.SeedSequence([seed, 3, rows, quiet]).spawn(streams)
            drifted = [normal(shift) for shift in SHIFTS]
            found = [
                [*_find(normal(0), drifted, KINDS["normal"].column, rows, quiet, number, np.random.default_rng(each))]
                for number, each in enumerate(seeds)
            ]
            for shift, delays in zip(SHIFTS, zip(*found, strict=True), strict=True):
                _print_delays([f"{rows:,}", str(quiet), f"{shift:g}"], delays)


def measure_changes(changes: Sequence[Change], streams: int, seed: int) -> None:
    """Print how many other changes are found."""
    print("\nOther changes found within so many days, with 2,000 reference rows, ", end="")
    print(f"in % of {streams:,} streams (95 % interval):\n")
    head("change", "quiet days", "found", *map(str, WITHIN))
    for place, change in enumerate(changes):
        for quiet in (0, 30):
            seeds = np.random.SeedSequence([seed, 4, place, quiet]).spawn(streams)
            delays = [
                next(
                    _find(change.before, [change.after], change.column, 2_000, quiet, number, np.random.default_rng(s))
                )
                for number, s in enumerate(seeds)
            ]
            _print_delays([change.name, str(quiet)], delays)


def _find(
    before: DrawColumn,
    after: Sequence[DrawColumn],
    column: Column,
    rows: int,
    quiet: int,
    seed: int,
    rng: np.random.Generator,
) -> Iterator[Delays]:
    """For each drift after the same quiet days, the days until each of FINDERS alarms; infinite if none of WITHIN."""
    training = before(rows, rng)
    references = {column.name: reference_of(training, column)}
    calm: DriftState | None = None
    for each in range(quiet):
        calm, _ = look(calm, references, {column.name: before(ROWS, rng)}, day(each), seed)
    for draw in after:
        state = calm
        delays = [math.inf] * len(FINDERS)
        for late in range(1, max(WITHIN) + 1):
            values = draw(ROWS, rng)
            state, findings = look(state, references, {column.name: values}, day(quiet + late - 1), seed)
            alarm = any(finding.matters for finding in findings)
            is_rare = p_value(state.columns[column.name], references[column.name]) <= ALPHA / COLUMNS_OF_MODEL
            found = (alarm, alarm and is_rare, rivals.evidently_alarms(training, values))
            delays = [min(delay, late) if yes else delay for delay, yes in zip(delays, found, strict=True)]
        alone, one_of_many, evidently = delays
        yield alone, one_of_many, evidently


def _print_delays(labels: Sequence[str], delays: Sequence[Delays]) -> None:
    for finder, days in zip(FINDERS, zip(*delays, strict=True), strict=True):
        row(*labels, finder, *(whole_percent([each <= most for each in days]) for most in WITHIN))
