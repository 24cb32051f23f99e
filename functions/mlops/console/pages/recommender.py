"""A recommender: what a user did of late, what it recommends to them and why, and what is trending."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mlops.console.charts.contributions import draw_contribution
from mlops.console.page import HOME, render
from mlops.console.pages.asking import may_ask
from mlops.console.pages.forms import read_number
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.recommendations import MOST_ITEMS, Reason, RecommendationAnswer, RecommendedItem
from mlops.console.session.gate import Form, Operator, Reader
from mlops.errors.console import FormInvalid
from mlops.errors.operations import ServingUnavailable
from mlops.monitoring.report.texts import shorten
from mlops.registry.manifest.recommender import RecommenderManifest

router = APIRouter()
ITEMS, MOST_REASONS, MOST_OF_HISTORY, MOST_EVENTS = 10, 3, 12, 30
MOST_CHARACTERS = 200
"""Of a user's id."""
_PATH = f"{HOME}/models/{{model}}/recommend"
_NOT_FOUND = 404


@dataclass(frozen=True)
class Influence:
    """Something a user did, and how much it speaks for all recommended items together."""

    reason: Reason
    items: int
    total: float
    picture: Markup


@router.get(_PATH)
def show_recommender(request: Request, model: Model, session: Reader) -> Response:
    """The form, and what is trending. The form is sent in its body: ids of users stand in no address and no log."""
    manifest = _manifest(request, model)
    trending, failure = None, None
    if manifest and may_ask(session):
        try:
            trending = readers_of(request).recommendations.trending(model, manifest.version, ITEMS)
        except ServingUnavailable as error:
            failure = str(error)
    return _show(request, model, session, manifest, trending=trending, failure=failure)


@router.post(_PATH)
def recommend(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """The same with what is recommended to a user, and why."""
    manifest = _demand(request, model)
    user, count = _read(form)
    try:
        answer = readers_of(request).recommendations.ask(model, manifest.version, user, count)
    except ServingUnavailable as error:
        return _show(request, model, session, manifest, user=user, count=count, failure=str(error))
    return _show(request, model, session, manifest, user=user, count=count, answer=answer)


@router.post(f"{_PATH}.csv")
def download_recommendations(request: Request, model: Model, session: Operator, form: Form) -> Response:  # noqa: ARG001 - it must be one
    """Each item with each of its reasons."""
    manifest = _demand(request, model)
    answer = readers_of(request).recommendations.ask(model, manifest.version, *_read(form))
    header = ("position", "item", "title", "score", "because_event", "because_item", "because_title", "contribution")
    return answer_csv(f"{model}-recommendations", header, _rows(answer.items))


@router.post(f"{_PATH}/history.csv")
def download_history(request: Request, model: Model, session: Operator, form: Form) -> Response:  # noqa: ARG001 - it must be one
    """What a user did of late."""
    manifest = _demand(request, model)
    answer = readers_of(request).recommendations.ask(model, manifest.version, *_read(form))
    header = ("time", "event", "item", "title", "rating", "known")
    rows = [
        (each.time.isoformat(), each.event, each.item, each.title, each.rating, each.known) for each in answer.events
    ]
    return answer_csv(f"{model}-history", header, rows)


def _show(
    request: Request,
    model: str,
    session: Reader,
    manifest: RecommenderManifest | None,
    *,
    user: str = "",
    count: int = ITEMS,
    answer: RecommendationAnswer | None = None,
    trending: RecommendationAnswer | None = None,
    failure: str | None = None,
) -> Response:
    return render(
        request,
        "recommender.html.jinja",
        model=model,
        manifest=manifest,
        may_ask=may_ask(session),
        user=user,
        count=count,
        most=MOST_ITEMS,
        most_reasons=MOST_REASONS,
        answer=answer,
        influences=_influences(answer.items) if answer else (),
        events=answer.events[:MOST_EVENTS] if answer else (),
        trending=trending,
        failure=failure,
    )


def _read(form: Form) -> tuple[str, int]:
    user, count = form.get("user", "").strip(), read_number(form, "count")
    if not user or len(user) > MOST_CHARACTERS:
        raise FormInvalid("user", f"the id of a user has 1 to {MOST_CHARACTERS} characters")
    if not 1 <= count <= MOST_ITEMS:
        raise FormInvalid("count", f"it's from 1 to {MOST_ITEMS}")
    return user, count


def _manifest(request: Request, model: str) -> RecommenderManifest | None:
    """The champion of a recommender, None if there's none. A model of tables has no such page."""
    registry = readers_of(request).registry
    champion = registry.champion(model)
    if champion is None:
        return None
    manifest = registry.manifest(model, champion.version)
    if not isinstance(manifest, RecommenderManifest):
        raise HTTPException(_NOT_FOUND, f"{model} is no recommender")
    return manifest


def _demand(request: Request, model: str) -> RecommenderManifest:
    manifest = _manifest(request, model)
    if manifest is None:
        raise HTTPException(_NOT_FOUND, f"No version of {model} serves")
    return manifest


def _influences(items: Sequence[RecommendedItem]) -> list[Influence]:
    """What of the history speaks for the items, what counts most first."""
    found: dict[tuple[str, str | None], list[Reason]] = {}
    for item in items:
        for reason in item.reasons:
            found.setdefault((reason.item, reason.event), []).append(reason)
    totals = [(reasons, sum(each.contribution for each in reasons)) for reasons in found.values()]
    totals.sort(key=lambda entry: -abs(entry[1]))
    largest = max((abs(total) for _, total in totals), default=0.0)
    return [
        Influence(
            reasons[0],
            len(reasons),
            total,
            draw_contribution(shorten(reasons[0].title or reasons[0].item, 60), total, largest),
        )
        for reasons, total in totals[:MOST_OF_HISTORY]
    ]


def _rows(items: Sequence[RecommendedItem]) -> Iterator[tuple[Any, ...]]:
    for position, item in enumerate(items, start=1):
        known = (position, item.item, item.title, item.score)
        for reason in item.reasons:
            yield *known, reason.event, reason.item, reason.title, reason.contribution
        yield *known, "others", None, None, item.others
