"""The versions of a model as a table: filtered, sorted, in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from mlops.console.charts.lineage import draw_lineage
from mlops.console.page import HOME, render
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.registry import Measured, Summary
from mlops.monitoring.report.texts import metric_sign
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Move

router = APIRouter()
ROWS = 40
MOST_METRICS = 4
MOST_OFFERED = 250
MOST_MOVES = 30
MOST_DRAWN = 10
"""Versions of the picture of lineage."""
MOST_CHARACTERS = 200
"""Of a field of the filter."""
STANDINGS = ("passed", "held", "refused", "unreadable")
_Text = Annotated[str, Query(max_length=MOST_CHARACTERS)]


@dataclass(frozen=True)
class Filter:
    """What the table shows: versions of a standing whose text has `q`, sorted by a metric or by number."""

    q: str = ""
    standing: str = ""
    sort: str = ""

    def pick(self, summaries: Sequence[Summary]) -> list[Summary]:
        """The versions, in their order."""
        words = self.q.casefold().split()
        found = [each for each in summaries if self.standing in ("", each.standing) and _has(each, words)]
        if not self.sort:
            return found
        sign = metric_sign(self.sort) or 1
        return sorted(found, key=lambda each: _rank(each, self.sort, sign))


@router.get(f"{HOME}/models/{{model}}/versions")
def show_versions(
    request: Request,
    model: Model,
    q: _Text = "",
    standing: _Text = "",
    sort: _Text = "",
    metric: Annotated[list[str] | None, Query(max_length=MOST_METRICS)] = None,
    page: Annotated[int, Query(ge=1)] = 1,
    moved: _Text = "",
) -> Response:
    """The page; after a move, it begins with what was moved."""
    registry = readers_of(request).registry
    summaries = registry.summaries(model)
    names = _usable(registry.metric_names(model))
    wanted = Filter(q, standing if standing in STANDINGS else "", sort if sort in names else "")
    found = wanted.pick(summaries)
    pages = max(1, -(-len(found) // ROWS))
    page = min(page, pages)
    chosen = [name for name in metric or () if name in names] or names[:2]
    champion, last_challenger = registry.champion(model), registry.alias(model, CHALLENGER)
    moves = list_moves(champion, CHAMPION) + list_moves(last_challenger, CHALLENGER)
    rows = found[(page - 1) * ROWS : page * ROWS]
    return render(
        request,
        "versions.html.jinja",
        model=model,
        champion=champion,
        challenger=registry.challenger(model),
        last_challenger=last_challenger,
        moved=_describe(champion if moved == CHAMPION else last_challenger if moved == CHALLENGER else None, moved),
        filter=wanted,
        standings=STANDINGS,
        held=_waiting(summaries, champion),
        lineage=draw_lineage(summaries[:MOST_DRAWN], champion, registry.challenger(model)),
        rows=rows,
        measured=registry.measured(model, rows),
        count_found=len(found),
        count_all=len(summaries),
        page=page,
        pages=pages,
        names=names[:MOST_OFFERED],
        chosen=chosen,
        moves=sorted(moves, key=lambda entry: entry[1].at, reverse=True)[:MOST_MOVES],
    )


@router.get(f"{HOME}/models/{{model}}/versions.csv")
def download_versions(request: Request, model: Model) -> Response:
    """All versions with all their test metrics."""
    registry = readers_of(request).registry
    summaries, names = registry.summaries(model), registry.metric_names(model)
    header = ["version", "created", "standing", "reason", "candidate", "dataset", "dataset_sha256", "rows"]
    ends = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    measured = registry.measured(model, summaries)
    rows = (_csv_row(each, measured.get(each.number, {}), names) for each in summaries)
    return answer_csv(f"{model}-versions", [*header, *ends], rows)


def _csv_row(summary: Summary, measured: Mapping[str, Measured], names: Sequence[str]) -> list[object]:
    created = summary.created_at.isoformat() if summary.created_at else None
    row: list[object] = [summary.number, created, summary.standing, summary.reason, summary.candidate]
    row += [summary.dataset, summary.dataset_sha256, summary.rows]
    for name in names:
        row += measured.get(name, (None, None, None))
    return row


def list_moves(alias: Alias | None, name: str) -> list[tuple[str, Move]]:
    """The history of an alias, with its name."""
    return [(name, move) for move in alias.history] if alias else []


def _describe(alias: Alias | None, name: str) -> str | None:
    """What an alias's last move did."""
    if alias is None:
        return None
    if alias.withdrawn:
        return f"Version {alias.version} is the {name} no longer."
    return f"Version {alias.version} is the {name} now. Instances of the API follow within seconds."


def _waiting(summaries: Sequence[Summary], champion: Alias | None) -> list[int]:
    """The held versions that are newer than what serves, the newest first."""
    serving = champion.version if champion else 0
    return [each.number for each in summaries if each.standing == "held" and each.number > serving]


def _usable(names: Sequence[str]) -> list[str]:
    """The metrics that a filter can name."""
    return [name for name in names if len(name) <= MOST_CHARACTERS]


def _has(summary: Summary, words: Sequence[str]) -> bool:
    """Whether each word stands in the version's number, candidate, dataset or reason."""
    if not words:
        return True
    parts = (str(summary.number), summary.candidate, summary.dataset, summary.dataset_sha256, summary.reason or "")
    text = " ".join(parts).casefold()
    return all(word in text for word in words)


def _rank(summary: Summary, metric: str, sign: int) -> tuple[bool, float]:
    value = summary.metrics.get(metric)
    return (True, 0.0) if value is None else (False, -sign * value)
