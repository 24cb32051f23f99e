"""What a model's versions learned from, what became of each upload, and what the champion takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from mlops.console.page import HOME, render
from mlops.console.pages.distributions import distribution_rows, view_columns
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.registry import Registry, Summary
from mlops.registry.manifest.manifest import Manifest

router = APIRouter()
MOST_DATASETS, MOST_UPLOADS, MOST_VERSIONS = 30, 12, 8
COLUMNS = 24
"""Columns with pictures on a page."""


@dataclass(frozen=True)
class DatasetView:
    """A dataset's content under its latest address, and the versions that learned from it, the newest first.

    `before` is a version of the dataset that came before this one, None for the first.
    """

    address: str
    sha256: str
    rows: int
    rejected_rows: int
    versions: tuple[Summary, ...]
    before: int | None


@router.get(f"{HOME}/models/{{model}}/data")
def show_data(request: Request, model: Model, page: Annotated[int, Query(ge=1)] = 1) -> Response:
    """The page; `page` is that of the columns."""
    readers = readers_of(request)
    champion = readers.registry.champion(model)
    manifest = serving_manifest(readers.registry, model)
    columns = manifest.contract.columns if manifest else ()
    pages = max(1, -(-len(columns) // COLUMNS))
    page = min(page, pages)
    datasets = list(_datasets(readers.registry.summaries(model)))
    uploads, count = readers.deliveries.latest(model, MOST_UPLOADS)
    background = readers.reports.background(model, manifest.version) if manifest else None
    return render(
        request,
        "data.html.jinja",
        model=model,
        champion=champion,
        contract=manifest.contract if manifest else None,
        columns=view_columns(columns[(page - 1) * COLUMNS : page * COLUMNS], background),
        first_column=(page - 1) * COLUMNS + 1,
        page=page,
        pages=pages,
        datasets=datasets[:MOST_DATASETS],
        left_out=max(0, len(datasets) - MOST_DATASETS),
        most_versions=MOST_VERSIONS,
        uploads=uploads,
        older_uploads=count - len(uploads),
    )


@router.get(f"{HOME}/models/{{model}}/data/columns.csv")
def download_columns(request: Request, model: Model) -> Response:
    """The distribution of each column that the champion takes."""
    readers = readers_of(request)
    manifest = serving_manifest(readers.registry, model)
    background = readers.reports.background(model, manifest.version) if manifest else None
    rows = distribution_rows(manifest.contract.columns, background) if manifest else ()
    return answer_csv(f"{model}-columns", ("column", "what", "from", "to", "share"), rows)


def serving_manifest(registry: Registry, model: str) -> Manifest | None:
    """The champion's manifest, None if no version serves, or one that takes no columns."""
    champion = registry.champion(model)
    found = registry.manifest(model, champion.version) if champion else None
    return found if isinstance(found, Manifest) else None


def _datasets(summaries: Sequence[Summary]) -> Iterator[DatasetView]:
    """Each content once, that of the newest version first."""
    found: dict[str, list[Summary]] = {}
    for summary in summaries:
        if summary.dataset:
            found.setdefault(summary.dataset_sha256, []).append(summary)
    following = [*[versions[0] for versions in found.values()][1:], None]
    for (digest, versions), older in zip(found.items(), following, strict=True):
        newest, before = versions[0], older.number if older else None
        yield DatasetView(newest.dataset, digest, newest.rows, newest.rejected_rows, tuple(versions), before)
