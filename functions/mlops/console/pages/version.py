"""One version: the evidence for it, what it was made from, and each time that an alias moved to it or away."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from mlops.artifact.names import CARD
from mlops.console.page import HOME, render
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.versions import list_moves
from mlops.console.readers.registry import Registry
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias
from mlops.registry.manifest.manifest import RECOMMENDER, TABLE, VersionManifest

router = APIRouter()
MOST_METRICS, MOST_SLICES, MOST_PARAMETERS, MOST_SIBLINGS = 40, 20, 40, 10
MOST_CHARACTERS = 300


@dataclass(frozen=True)
class Choices:
    """What may be done with a version, as the aliases stand: `*_moves` identify how they were seen."""

    champion: Alias | None
    challenger: Alias | None
    champion_moves: int
    challenger_moves: int
    promote: bool
    approve: bool
    canary: bool
    challenge: bool
    withdraw: bool
    roll_back: int | None


@router.get(f"{HOME}/models/{{model}}/versions/{{number}}")
def show_version(request: Request, model: Model, number: int) -> Response:
    """The page."""
    registry = readers_of(request).registry
    manifest = registry.manifest(model, number)
    moves = list_moves(registry.champion(model), CHAMPION) + list_moves(registry.alias(model, CHALLENGER), CHALLENGER)
    about = [entry for entry in moves if number in (entry[1].version, entry[1].previous)]
    siblings = [
        each.number
        for each in registry.summaries(model)
        if each.number != number and each.dataset_sha256 == manifest.dataset.sha256
    ]
    return render(
        request,
        "one_version.html.jinja",
        model=model,
        manifest=manifest,
        is_recommender=manifest.kind == RECOMMENDER,
        has_card=CARD in manifest.files,
        metrics=_metric_names(manifest),
        slices=manifest.slices[:MOST_SLICES],
        parameters=list(manifest.parameters.items())[:MOST_PARAMETERS],
        siblings=siblings[:MOST_SIBLINGS],
        moves=sorted(about, key=lambda entry: entry[1].at),
        choices=list_choices(registry, model, manifest),
    )


def list_choices(registry: Registry, model: str, manifest: VersionManifest) -> Choices:
    """What may be done with a version."""
    champion, last = registry.champion(model), registry.alias(model, CHALLENGER)
    challenger = registry.challenger(model)
    serves = champion is not None and champion.version == manifest.version
    tried = challenger is not None and challenger.version == manifest.version
    busy = challenger is not None and challenger.canary is not None
    return Choices(
        champion=champion,
        challenger=challenger,
        champion_moves=len(champion.history) if champion else 0,
        challenger_moves=len(last.history) if last else 0,
        promote=not serves and not manifest.held,
        approve=not serves and manifest.held,
        canary=champion is not None and not serves and not busy and manifest.accepted and manifest.kind == TABLE,
        challenge=not serves and not busy,
        withdraw=tried,
        roll_back=champion.predecessor if champion and serves else None,
    )


def _metric_names(manifest: VersionManifest) -> list[str]:
    """The test metrics, those with intervals first."""
    return list({**dict.fromkeys(manifest.estimates), **dict.fromkeys(manifest.metrics.get("test", {}))})[:MOST_METRICS]
