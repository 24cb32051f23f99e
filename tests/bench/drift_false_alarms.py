"""False alarms of the drift tests: years of columns and of models without drift, and what others would answer."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mlops.contract import Column
from mlops.monitoring.drift import DriftState, look
from tests.bench import drift_rivals as rivals
from tests.bench.drift_streams import KINDS, REFERENCE_ROWS, ROWS, Draw, DrawColumn, Model, Values, day, reference_of
from tests.bench.drift_tables import head, percent, row

ALPHA = 0.05
RIVALS = ("KS at 0.05", "KS at 0.05 / 365", "Evidently's default")
MODEL_RIVALS = ("any KS at 0.05", "any KS at 0.05 / 30", "Evidently: any column", "Evidently: half of the columns")


@dataclass
class Year:
    """Which columns were ever significant in a year, whether any alarmed, and the others' answers by look."""

    significant: set[str] = field(default_factory=set)
    alarmed: bool = False
    rivals: list[tuple[bool, ...]] = field(default_factory=list)

    def ever(self, place: int) -> bool:
        """Whether one of the others ever alarmed."""
        return any(answers[place] for answers in self.rivals)


def measure_columns(columns: int, compared: int, days: int, seed: int) -> None:
    """Print which of so many columns alarm, by kind and reference size; others look at the first `compared`."""
    kinds = [*KINDS.values()]
    groups: dict[str, list[tuple[Year, bool]]] = defaultdict(list)
    for number, stream in enumerate(np.random.SeedSequence([seed, 1]).spawn(columns)):
        rng = np.random.default_rng(stream)
        kind, rows = kinds[number % len(kinds)], REFERENCE_ROWS[number // len(kinds) % len(REFERENCE_ROWS)]
        name = kind.column.name
        year = _live(_one(name, kind.draw), {name: kind.column}, rows, days, number, rng, others=number < compared)
        for group in ("all", f"{rows:,} reference rows", name):
            groups[group].append((year, number < compared))
    print(
        f"\n{columns:,} years of columns without drift, of {days} days; others looked at {min(compared, columns):,}:\n"
    )
    head("columns", "years", "ever significant", "ever alarmed", *RIVALS)
    for group, years in groups.items():
        answered = [
            percent([year.ever(place) for year, is_compared in years if is_compared]) for place in range(len(RIVALS))
        ]
        significant = percent([bool(year.significant) for year, _ in years])
        row(group, f"{len(years):,}", significant, percent([year.alarmed for year, _ in years]), *answered)
    looks = [answers[-1] for year, _ in groups["all"] for answers in year.rivals]
    print(f"\nEvidently's default alarmed at {percent(looks)} of {len(looks):,} looks.")


def measure_models(models: int, compared: int, days: int, seed: int) -> None:
    """Print how many models of thirty dependent columns alarm; others look at the first `compared`."""
    years = []
    for number, stream in enumerate(np.random.SeedSequence([seed, 2]).spawn(models)):
        rng = np.random.default_rng(stream)
        model = Model.make(rng)
        rows = REFERENCE_ROWS[number % len(REFERENCE_ROWS)]
        years.append(_live(model.draw, model.columns(), rows, days, number, rng, others=number < compared))
    print(f"\n{models:,} years of models of 30 dependent columns without drift, of {days} days; ", end="")
    print(f"others looked at {min(compared, models)}:\n")
    head("ever significant, any column", "ever alarmed", "columns ever significant", *MODEL_RIVALS)
    row(
        percent([bool(year.significant) for year in years]),
        percent([year.alarmed for year in years]),
        sum(len(year.significant) for year in years),
        *(percent([year.ever(place) for year in years[:compared]]) for place in range(len(MODEL_RIVALS))),
    )


def _live(
    draw: Draw,
    columns: Mapping[str, Column],
    rows: int,
    days: int,
    seed: int,
    rng: np.random.Generator,
    *,
    others: bool,
) -> Year:
    training = draw(rows, rng)
    references = {name: reference_of(training[name], column) for name, column in columns.items()}
    state: DriftState | None = None
    year = Year()
    for each in range(days):
        values = draw(ROWS, rng)
        state, findings = look(state, references, values, day(each), seed)
        year.significant |= {finding.column for finding in findings}
        year.alarmed |= any(finding.matters for finding in findings)
        if others:
            year.rivals.append(_ask_rivals(training, values))
    return year


def _ask_rivals(training: dict[str, Values], values: dict[str, Values]) -> tuple[bool, ...]:
    least = min(rivals.p_value(training[name], values[name]) for name in training)
    drifted = [rivals.evidently_alarms(training[name], values[name]) for name in training]
    if len(training) == 1:
        return least < ALPHA, least < ALPHA / 365, drifted[0]
    return least < ALPHA, least < ALPHA / len(training), any(drifted), sum(drifted) >= len(drifted) / 2


def _one(name: str, draw: DrawColumn) -> Draw:
    return lambda rows, rng: {name: draw(rows, rng)}
