"""What may go wrong with a model's traffic, done to simulated rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from simulation.population import Labelled, Population, Truth, within


class HarmKind(StrEnum):
    """The harms, by the name on the command line."""

    NONE = "none"
    SHIFT = "shift"
    UNIT = "unit"
    REVERSED = "reversed"
    RELATION = "relation"
    LATE_TRUTH = "late-truth"
    NO_TRUTH = "no-truth"


DESCRIPTIONS = {
    HarmKind.NONE: "nothing is wrong",
    HarmKind.SHIFT: "the columns are a standard deviation higher",
    HarmKind.UNIT: "the columns come in another unit: a hundredth of the number",
    HarmKind.REVERSED: "an instrument reads its scale from the wrong end: high values come as low ones",
    HarmKind.RELATION: "the columns mean something else: where they are high, what is right has changed",
    HarmKind.LATE_TRUTH: "truth comes ten days later than before",
    HarmKind.NO_TRUTH: "truth comes no more",
}
LATER_DAYS = 10
_UNIT = 100
_END = 2.4  # of the scale, in means


@dataclass(frozen=True)
class Harm:
    """A harm from a day on (1 is the first), to these columns."""

    kind: HarmKind = HarmKind.NONE
    columns: tuple[str, ...] = ()
    from_day: int = 1

    def apply(self, day: int, drawn: Labelled, population: Population) -> Labelled:
        """The rows of a day with the harm done."""
        if day < self.from_day:
            return drawn
        if self.kind is HarmKind.RELATION:
            return Labelled(drawn.rows, _change_truths(drawn, self.columns, population))
        change = _CHANGES.get(self.kind)
        if change is None:
            return drawn
        rows = [dict(row) for row in drawn.rows]
        for column in population.numbers(self.columns):
            mean, deviation = population.scales.get(column.name, (0.0, 0.0))
            for row in rows:
                cell = row.get(column.name)
                if isinstance(cell, int | float):
                    changed = within(column, change(cell, mean, deviation))
                    row[column.name] = round(changed) if column.kind == "integer" else changed
        return Labelled(rows, drawn.truths)

    def delay(self, day: int, usual: int) -> int | None:
        """After how many days the truth of a day's predictions comes; None: never."""
        if day >= self.from_day and self.kind is HarmKind.NO_TRUTH:
            return None
        return usual + (LATER_DAYS if day >= self.from_day and self.kind is HarmKind.LATE_TRUTH else 0)


_CHANGES: dict[HarmKind, Callable[[float, float, float], float]] = {
    HarmKind.SHIFT: lambda value, _, deviation: value + deviation,
    HarmKind.UNIT: lambda value, _mean, _deviation: value / _UNIT,
    HarmKind.REVERSED: lambda value, mean, _: _END * mean - value,
}


def _change_truths(drawn: Labelled, columns: Sequence[str], population: Population) -> list[Truth]:
    """Where the first column is above its mean: the next label, or the number on the other side of the mean."""
    column = population.numbers(columns)[0].name
    mean = population.scales.get(column, (0.0, 0.0))[0]
    labels = population.contract.target.labels
    numbers = [truth for truth in population.known.truths if isinstance(truth, int | float)]
    centre = sum(numbers) / len(numbers) if numbers else 0.0

    def change(truth: Truth) -> Truth:
        if isinstance(truth, str):
            return labels[(labels.index(truth) + 1) % len(labels)]
        return 2 * centre - truth

    cells = [row.get(column) for row in drawn.rows]
    high = [isinstance(cell, int | float) and cell > mean for cell in cells]
    return [change(truth) if each else truth for truth, each in zip(drawn.truths, high, strict=True)]
