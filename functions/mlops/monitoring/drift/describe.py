"""What has changed, as a sentence in the column's unit."""

from mlops.artifact.inputs import date_from_days
from mlops.contract import Column
from mlops.monitoring.drift.effect import Change
from mlops.monitoring.drift.look import Finding

_MOST_CHANGES = 3
_MOST_CHARACTERS = 40


def describe_finding(finding: Finding, column: Column) -> str:
    """One sentence: the largest changes, since when, and on how many rows they were measured."""
    if not finding.matters:
        return f"{finding.column} changed about {finding.since}, by less than what matters ({finding.rows:,} rows)"
    ordered = sorted(finding.changes, key=lambda change: -abs(change.effect) / change.tolerance)
    changes = "; ".join(describe_change(change, column) for change in ordered[:_MOST_CHANGES])
    return f"{finding.column}: {changes}; since {finding.since:%A, %Y-%m-%d} ({finding.rows:,} rows)"


def describe_change(change: Change, column: Column) -> str:
    """What has changed, from what to what, with the 90 % interval of what it's now."""
    match change.kind:
        case "shift":
            return _describe_shift(change, column)
        case "spread":
            verb = "grew" if change.effect > 0 else "shrank"
            spread = _Amounts(column.unit if column.kind not in ("date", "datetime") else "days")
            if (change.now > change.before) != (change.effect > 0):
                return f"the spread {verb} by {abs(change.effect):.0%} ({_interval(change.low, change.high)})"
            return f"the distance between the quartiles {verb} from {spread.step(change)}"
        case "shape":
            return f"the distribution has another shape: its shares differ by up to {_share(change)} at one value"
    subject = {
        "missing": "missing values",
        "below": "values below all of the training's",
        "above": "values above all of the training's",
        "unseen": "values that never occurred in training",
        "share": f"'{_shorten(change.name)}'" if change.name is not None else "values other than the most frequent",
    }[change.kind]
    verb = "rose" if change.effect > 0 else "fell"
    return f"the share of {subject} {verb} from {change.before:.1%} to {_share(change)}"


def _describe_shift(change: Change, column: Column) -> str:
    amounts = _Amounts(column.unit, dates=column.kind in ("date", "datetime"))
    if (change.now > change.before) == (change.effect > 0) and amounts.text(change.now) != amounts.text(change.before):
        return f"the median {'rose' if change.effect > 0 else 'fell'} from {amounts.step(change)}"
    low, high = sorted((abs(change.low), abs(change.high)))
    direction = "higher" if change.effect > 0 else "lower"
    return f"values are {direction}, as if by {abs(change.effect):.2f} standard deviations ({low:.2f} to {high:.2f})"


class _Amounts:
    """Values of a column as text."""

    def __init__(self, unit: str | None, *, dates: bool = False) -> None:
        self._unit = f" {unit}" if unit else ""
        self._dates = dates

    def text(self, value: float) -> str:
        return date_from_days(value).isoformat() if self._dates else f"{value:.4g}"

    def step(self, change: Change) -> str:
        now, low, high = map(self.text, (change.now, change.now_low, change.now_high))
        unit = "" if self._dates else self._unit
        return f"{self.text(change.before)} to {now}{unit} ({low} to {high})"


def _share(change: Change) -> str:
    return f"{change.now:.1%} ({_interval(change.now_low, change.now_high)})"


def _interval(low: float, high: float) -> str:
    return f"{low:.1%} to {high:.1%}"


def _shorten(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"
