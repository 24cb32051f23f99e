"""The model card: everything about a model version on one page that prints.

M. Mitchell et al., "Model cards for model reporting", FAT* 2019.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from mlops.contract import Column
from mlops.evaluation.metrics.catalog import metrics_for
from mlops.evaluation.metrics.metric import Metric
from mlops.pages.canvas import Plot
from mlops.pages.environment import make_environment
from mlops.pages.numbers import NOTHING, UNDEFINED, write_number
from mlops.registry.manifest.evidence import Estimate
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.manifest.search import Search, Trial

TEMPLATE = "card.html.jinja"


@dataclass(frozen=True)
class Card:
    """The content of a model card: the manifest with lineage, metrics and gates, the spec's text about purpose, uses
    and cautions, the plots, the share of each label among the training rows, and whether answers can be explained.
    """

    manifest: Manifest
    purpose: str | None = None
    uses: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    balance: Mapping[str, float] = field(default_factory=dict)
    explanations: str | None = None


def write_card(card: Card) -> bytes:
    """The card as one HTML file that needs nothing else: no script, no style sheet, no font, no network."""
    environment = make_environment(Path(__file__).parent)
    environment.filters.update(value=write_value, interval=write_interval, range=write_range, leaders=rank_candidates)
    environment.globals["svg"] = lambda plot: Markup(plot.svg.decode())  # noqa: S704 - our own drawing, text escaped
    metrics = metrics_for(card.manifest.contract.target.task)
    return environment.get_template(TEMPLATE).render(card=card, manifest=card.manifest, metrics=metrics).encode()


@dataclass(frozen=True)
class Leader:
    """A candidate's place: its best trial, how many trials it had, and the spread of that trial's folds."""

    trial: Trial
    trials: int
    deviation: float | None


def rank_candidates(search: Search, metrics: Sequence[Metric[Any]]) -> list[Leader]:
    """The candidates of a search by the score of their best trial, the best first; those that failed come last."""
    sign = next((metric.sign for metric in metrics if metric.name == search.metric), 1)
    found = []
    for name in dict.fromkeys(trial.candidate for trial in search.trials):
        own = [trial for trial in search.trials if trial.candidate == name]
        whole = [trial for trial in own if trial.score is not None and not trial.pruned]
        best = max(whole, key=lambda trial: sign * (trial.score or 0.0), default=own[0])
        deviation = statistics.stdev(best.folds) if len(best.folds) > 1 else None
        found.append(Leader(best, len(own), deviation))
    return sorted(found, key=lambda each: (each.trial.score is None, -sign * (each.trial.score or 0.0)))


def write_value(found: Estimate | None) -> str:
    """An estimate's value."""
    if found is None:
        return NOTHING
    return UNDEFINED if found.value is None else write_number(found.value)


def write_interval(found: Estimate | None) -> str:
    """An estimate's interval, in little room."""
    if found is None or found.interval is None:
        return ""
    return "\N{EN DASH}".join(write_number(end) for end in (found.interval.low, found.interval.high))


def write_range(column: Column) -> str:
    """What a column may hold: its categories or its range."""
    if column.categories:
        return ", ".join(column.categories)
    low, high = (None if end is None else f"{end:,.10g}" for end in (column.minimum, column.maximum))
    if low is None and high is None:
        return "any"
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"{low} to {high}"
