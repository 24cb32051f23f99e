"""The model card: everything about a model version on one page that prints.

M. Mitchell et al., "Model cards for model reporting", FAT* 2019.
"""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from mlops.contract import Column
from mlops.evaluation.metrics.catalog import metrics_for
from mlops.pages.environment import make_environment
from mlops.pages.numbers import NOTHING, UNDEFINED, write_number
from mlops.registry.manifest.evidence import Estimate
from mlops.registry.manifest.manifest import Manifest
from mlops.training.artifacts.plots.canvas import Plot

TEMPLATE = "card.html.jinja"


@dataclass(frozen=True)
class Card:
    """The content of a model card: the manifest with lineage, metrics and gates, the spec's text about purpose, uses
    and cautions, and the plots.
    """

    manifest: Manifest
    purpose: str | None = None
    uses: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()


def write_card(card: Card) -> bytes:
    """The card as one HTML file that needs nothing else: no script, no style sheet, no font, no network."""
    environment = make_environment(Path(__file__).parent)
    environment.filters.update(value=write_value, interval=write_interval, range=write_range)
    environment.globals["svg"] = lambda plot: Markup(plot.svg.decode())  # noqa: S704 - our own drawing, text escaped
    metrics = metrics_for(card.manifest.contract.target.task)
    return environment.get_template(TEMPLATE).render(card=card, manifest=card.manifest, metrics=metrics).encode()


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
