"""The logs by the stack's saved queries: of a model's lines, or of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from mlops.console.page import HOME, render
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.logs import SavedQuery
from mlops.console.session.gate import Reader
from mlops.errors.authorization import NotPermitted
from mlops.errors.operations import QueryFailed

router = APIRouter()
PERIODS: Mapping[str, tuple[str, timedelta]] = {
    "15m": ("15 minutes", timedelta(minutes=15)),
    "1h": ("hour", timedelta(hours=1)),
    "6h": ("6 hours", timedelta(hours=6)),
    "1d": ("24 hours", timedelta(days=1)),
    "7d": ("7 days", timedelta(days=7)),
}
"""How far a query looks back, with its words."""
MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 60, 12, 160
_ABOUT: Mapping[str, str] = {
    "predictions": "the latest predictions",
    "versions": "predictions of each version, and their latency",
    "challenger": "the answers of champion and challenger, by label",
    "errors": "failures, refusals and rejected datasets of all functions",
    "trainings": "trainings, and how each ended",
}
_TIME = "@timestamp"
_Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Question:
    """What somebody asks of the logs: a query, how far back, and of all models or one."""

    query: str
    since: str
    scope: str

    def limit_to(self, model: str, session: Reader) -> str | None:
        """The model whose lines are read, None for all. Raises NotPermitted for a key of some models."""
        if self.scope != "all":
            return model
        if session.models:
            raise NotPermitted(f"the lines of all models are for keys of all models, and {session.name!r} is of some")
        return None


@router.get(f"{HOME}/models/{{model}}/logs")
def show_logs(
    request: Request, model: Model, session: Reader, query: _Text = "", since: _Text = "1h", scope: _Text = "model"
) -> Response:
    """The page; with the name of a query, its rows."""
    question = Question(query, since if since in PERIODS else "1h", "all" if scope == "all" else "model")
    queries: Mapping[str, SavedQuery] = {}
    failure, rows = None, None
    try:
        queries = readers_of(request).logs.queries()
        rows = _ask(request, model, session, question, queries)
    except QueryFailed as error:
        failure = str(error)
    names = list(dict.fromkeys(name for row in rows or () for name in row))[:MOST_COLUMNS]
    return render(
        request,
        "logs.html.jinja",
        model=model,
        queries=queries,
        about=_ABOUT,
        periods=PERIODS,
        question=question,
        chosen=queries.get(query),
        may_see_all=not session.models,
        failure=failure,
        count_rows=None if rows is None else len(rows),
        names=names,
        rows=[[(name, _cell(name, row.get(name, ""))) for name in names] for row in (rows or ())[:MOST_ROWS]],
    )


@router.get(f"{HOME}/models/{{model}}/logs.csv")
def download_logs(
    request: Request, model: Model, session: Reader, query: _Text, since: _Text = "1h", scope: _Text = "model"
) -> Response:
    """All rows of a query. Raises QueryFailed."""
    question = Question(query, since if since in PERIODS else "1h", scope)
    rows = _ask(request, model, session, question, readers_of(request).logs.queries()) or ()
    names = list(dict.fromkeys(name for row in rows for name in row))
    return answer_csv(f"{model}-logs", names, ([row.get(name) for name in names] for row in rows))


def _ask(
    request: Request, model: str, session: Reader, question: Question, queries: Mapping[str, SavedQuery]
) -> Sequence[Mapping[str, str]] | None:
    """The rows of a query; None if no query has this name. Raises QueryFailed."""
    chosen = queries.get(question.query)
    if chosen is None:
        return None
    readers = readers_of(request)
    return readers.logs.run(chosen, question.limit_to(model, session), PERIODS[question.since][1], readers.now())


def _cell(name: str, value: str) -> Any:
    """A cell: times as such, in UTC as CloudWatch writes them."""
    if name == _TIME:
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError:
            return value
    return value
