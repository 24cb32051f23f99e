"""The model card of a recommender: everything about a version on one page that prints."""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from mlops.pages.canvas import Plot
from mlops.pages.environment import make_environment
from mlops.pages.numbers import NOTHING, UNDEFINED, write_number
from mlops.registry.manifest.evidence import Estimate
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.manifest.search import Search, Trial

TEMPLATE = "card.html.jinja"
METRICS = {
    "ndcg": ("NDCG", "how high what people took stands in their lists"),
    "recall": ("Recall", "the share of what people took that is in their lists"),
    "map": ("Mean average precision", "the precision at each hit, over all that people took"),
    "coverage": ("Coverage", "the share of the items that is in any list"),
    "novelty": ("Novelty", "how surprising a list is, in bits: few people have its items"),
    "popularity_bias": ("Popularity bias", "how much more popular lists are than what people have; 0 is as popular"),
}
"""Each metric's title, and what it says."""


@dataclass(frozen=True)
class Card:
    """The content of a card: the manifest, the spec's text about purpose, uses and cautions, and the plots."""

    manifest: RecommenderManifest
    purpose: str
    uses: tuple[str, ...]
    cautions: tuple[str, ...]
    plots: tuple[Plot, ...]


@dataclass(frozen=True)
class Leader:
    """A candidate's place: its best trial, or its first one if all failed, and how many trials it had."""

    trial: Trial
    trials: int


def write_card(card: Card) -> bytes:
    """The card as one HTML file that needs nothing else: no script, no style sheet, no font, no network."""
    environment = make_environment(Path(__file__).parent)
    environment.filters.update(value=_write_value, interval=_write_interval, leaders=rank_candidates)
    environment.globals["svg"] = lambda plot: Markup(plot.svg.decode())  # noqa: S704 - our own drawing, text escaped
    return environment.get_template(TEMPLATE).render(card=card, manifest=card.manifest, metrics=METRICS).encode()


def rank_candidates(search: Search) -> list[Leader]:
    """The candidates of a search by the score of their best trial, the best first; those that failed come last."""
    found = []
    for name in dict.fromkeys(trial.candidate for trial in search.trials):
        own = [trial for trial in search.trials if trial.candidate == name]
        best = max((trial for trial in own if trial.score is not None), key=_score, default=own[0])
        found.append(Leader(best, len(own)))
    return sorted(found, key=lambda each: (each.trial.score is None, -_score(each.trial)))


def _score(trial: Trial) -> float:
    return trial.score or 0.0


def _write_value(found: Estimate | None) -> str:
    if found is None:
        return NOTHING
    return UNDEFINED if found.value is None else write_number(found.value)


def _write_interval(found: Estimate | None) -> str:
    if found is None or found.interval is None:
        return ""
    return "\N{EN DASH}".join(write_number(end) for end in (found.interval.low, found.interval.high))
