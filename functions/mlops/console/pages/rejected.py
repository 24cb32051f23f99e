"""The rows of an uploaded dataset that broke the contract, and what is wrong in each."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mlops.console.page import HOME, render
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.deliveries import Broken, RejectedRows

router = APIRouter()
MOST_ROWS, MOST_GROUPS = 60, 40
_NOT_FOUND = 404
_File = Annotated[str, Query(max_length=1_000)]


@router.get(f"{HOME}/models/{{model}}/data/rejected")
def show_rejected(request: Request, model: Model, file: _File) -> Response:
    """The page."""
    found = _find(request, model, file)
    groups = found.counts()
    return render(
        request,
        "rejected.html.jinja",
        model=model,
        file=file,
        found=found,
        rows=found.rows[:MOST_ROWS],
        groups=groups[:MOST_GROUPS],
        more_groups=max(0, len(groups) - MOST_GROUPS),
    )


@router.get(f"{HOME}/models/{{model}}/data/rejected.csv")
def download_rejected(request: Request, model: Model, file: _File) -> Response:
    """The rows."""
    return answer_csv(f"{model}-rejected-rows", Broken._fields, _find(request, model, file).rows)


def _find(request: Request, model: str, file: str) -> RejectedRows:
    found = readers_of(request).deliveries.rejected_rows(model, file) if "/" not in file else None
    if found is None:
        raise HTTPException(_NOT_FOUND, "No rows of this file were rejected")
    return found
