"""The queues: what waits, what failed at every try and why, what is tried again, and moving dead letters back."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from mlops.console.log import log_redrive
from mlops.console.page import HOME, render
from mlops.console.pages.forms import read_number, read_reason
from mlops.console.pages.request import readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.session.gate import Form, Operator, Reader
from mlops.console.session.session import Session
from mlops.errors.authorization import NotPermitted
from mlops.operations.queues import SUBJECT
from mlops.operations.trainings import dataset_file

router = APIRouter()
EVERY = 10
"""Seconds after which the list renews itself. One queue's page doesn't: a look at letters counts as receiving them."""
_SEE_OTHER = 303
_PATH = f"{HOME}/queues"


@router.get(_PATH)
def show_queues(request: Request, session: Reader) -> Response:
    """All queues, and the trainings that wait for their next try."""
    _demand_all(session)
    operations = readers_of(request).operations
    retrying = [each for each in operations.trainings.latest() if each.state == "retrying"]
    return render(request, "queues.html.jinja", states=operations.queues.states(), retrying=retrying, every=EVERY)


@router.get(f"{_PATH}/{{name}}")
def show_queue(request: Request, session: Reader, name: str, moved: str = "") -> Response:
    """One queue with its dead letters."""
    _demand_all(session)
    operations = readers_of(request).operations
    details = operations.queues.details(name)
    reasons = {each.key: each.progress.reason for each in operations.trainings.latest() if each.progress}
    letters = [
        (letter, dataset_file(letter.key) if letter.key else None, letter.reason or reasons.get(letter.key or ""))
        for letter in details.letters
    ]
    return render(
        request,
        "queue.html.jinja",
        details=details,
        place=details.state.place,
        letters=letters,
        moved=details.redrives[0] if moved and details.redrives else None,
    )


@router.get(f"{_PATH}/{{name}}/letters.csv")
def download_letters(request: Request, session: Reader, name: str) -> Response:
    """The dead letters that the page shows."""
    _demand_all(session)
    letters = readers_of(request).operations.queues.details(name).letters
    header = ("id", "sent", "received", "about", "model", "reason", "body")
    rows = (
        (each.id, each.sent.isoformat(), each.tries, each.about, each.model, each.reason, each.body) for each in letters
    )
    return answer_csv(f"{name}-letters", header, rows)


@router.post(f"{_PATH}/{{name}}/redrive")
def redrive(request: Request, session: Operator, form: Form, name: str) -> Response:
    """Move a queue's dead letters back to it."""
    _demand_all(session)
    why, seen = read_reason(form), read_number(form, "redrives")
    done = readers_of(request).operations.queues.redrive(name, by=session.name, why=why, seen=seen)
    log_redrive(f"{SUBJECT}/{name}", done.by, done.why, done.what)
    return RedirectResponse(f"{_PATH}/{name}?moved=1", _SEE_OTHER)


def _demand_all(session: Session) -> None:
    """Raise NotPermitted for a key that is for some models: the queues have messages of all."""
    if session.models:
        raise NotPermitted("the queues are those of all models, and your key is for some of them")
