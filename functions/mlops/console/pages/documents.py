"""Cards and reports as they were written: whole pages of their own, which can run nothing."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from mlops.artifact.names import CARD
from mlops.console.headers import DOCUMENT_POLICY
from mlops.console.page import HOME
from mlops.console.pages.request import Model, readers_of
from mlops.records.window import Window

router = APIRouter()
_NOT_FOUND = 404


@router.get(f"{HOME}/models/{{model}}/versions/{{number}}/card")
def show_card(request: Request, model: Model, number: int) -> Response:
    """A version's card."""
    registry = readers_of(request).registry
    manifest = registry.manifest(model, number)
    if CARD not in manifest.files:
        raise HTTPException(_NOT_FOUND, "Version has no card")
    return _document(registry.versions(model).read(manifest, CARD))


@router.get(f"{HOME}/models/{{model}}/reports/{{window}}")
def show_report(request: Request, model: Model, window: str) -> Response:
    """Monitoring's report of a window."""
    try:
        wanted = Window.parse(window).id
    except ValueError:
        raise HTTPException(_NOT_FOUND, "There is no such window") from None
    page = readers_of(request).monitoring.report(model, wanted)
    if page is None:
        raise HTTPException(_NOT_FOUND, f"There is no report of {wanted}")
    return _document(page)


def _document(page: bytes) -> Response:
    return HTMLResponse(page, headers={"content-security-policy": DOCUMENT_POLICY})
