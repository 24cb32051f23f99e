"""Batches of predictions: how far they are, what they did, why they failed, and scoring what one left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from mlops.console.log import log_redrive
from mlops.console.page import HOME, render
from mlops.console.pages.forms import read_number, read_reason
from mlops.console.pages.request import readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.batches import BatchDetails, BatchReader
from mlops.console.session.gate import Form, Operator, Reader
from mlops.console.session.session import Session
from mlops.errors.operations import BatchNotFound
from mlops.operations.batches import RUNNING, SUBJECT
from mlops.operations.schedules import Schedule

router = APIRouter()
SOON, LATER = 3, 30
"""Seconds after which a page renews itself while a batch runs, and the list otherwise."""
MOST_EXAMPLES, MOST_REASONS, MOST_LABELS = 20, 12, 40
MOST_SCHEDULES = 60
_SEE_OTHER = 303
_PATH = f"{HOME}/batches"


@dataclass(frozen=True)
class ScheduleView:
    """A schedule with its next run; what can't be read of it, in a sentence."""

    schedule: Schedule
    next_run: datetime | None
    unreadable: str | None


@router.get(_PATH)
def show_batches(request: Request, session: Reader) -> Response:
    """The batches that were started last, of the models that the session sees."""
    found = [entry for entry in _reader(request).latest() if session.sees(_model(entry[0].request))]
    every = SOON if any(batch.status == RUNNING for batch, _ in found) else LATER
    schedules, now = readers_of(request).schedules.batches(), readers_of(request).now()
    seen = None if schedules is None else [_view(each, now) for each in schedules if session.sees(each.model)]
    return render(
        request,
        "batches.html.jinja",
        found=found,
        every=every,
        schedules=seen[:MOST_SCHEDULES] if seen else seen,
        more_schedules=max(0, len(seen or ()) - MOST_SCHEDULES),
    )


@router.get(f"{_PATH}/schedules.csv")
def download_schedules(request: Request, session: Reader) -> Response:
    """All schedules of batches."""
    found, now = readers_of(request).schedules.batches() or (), readers_of(request).now()
    header = ("schedule", "model", "input", "when", "timezone", "state", "next_run")
    rows = [_line(each, each.next_run(now)) for each in found if session.sees(each.model)]
    return answer_csv("batch-schedules", header, rows)


@router.get(f"{_PATH}/{{name}}")
def show_batch(request: Request, session: Reader, name: str) -> Response:
    """One batch."""
    details = _details(request, session, name)
    manifest = details.manifest or {}
    return render(
        request,
        "batch.html.jinja",
        details=details,
        batch=details.batch,
        of=_model(details.batch.request),
        labels=list(manifest.get("labels", {}).items())[:MOST_LABELS],
        reasons=list(manifest.get("rejected", {}).get("reasons", {}).items())[:MOST_REASONS],
        examples=manifest.get("rejected", {}).get("examples", [])[:MOST_EXAMPLES],
        failures=details.failures[:MOST_REASONS],
        every=SOON,
    )


@router.get(f"{_PATH}/{{name}}/answers.csv")
def download_answers(request: Request, session: Reader, name: str) -> Response:
    """How many rows have which answer, and how many were rejected by which rule."""
    return answer_csv(f"{name}-answers", ("what", "name", "rows"), _rows(_details(request, session, name)))


@router.post(f"{_PATH}/{{name}}/redrive")
def redrive(request: Request, session: Operator, form: Form, name: str) -> Response:
    """Score what a failed batch left."""
    reader, why, seen = _reader(request), read_reason(form), read_number(form, "redrives")
    if not session.sees(_model(reader.find(name).request)):
        raise BatchNotFound(name)
    again = reader.redrive(name, by=session.name, why=why, seen=seen)
    log_redrive(f"{SUBJECT}/{name}", session.name, why, again)
    return RedirectResponse(f"{_PATH}/{quote(again, '')}?redriven={quote(name, '')}", _SEE_OTHER)


def _view(schedule: Schedule, now: datetime) -> ScheduleView:
    return ScheduleView(schedule, schedule.next_run(now), schedule.unreadable)


def _line(schedule: Schedule, moment: datetime | None) -> tuple[Any, ...]:
    at = moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
    asked = str(schedule.request.get("input", ""))
    return schedule.name, schedule.model, asked, schedule.expression, schedule.timezone, schedule.state.lower(), at


def _reader(request: Request) -> BatchReader:
    return readers_of(request).operations.batches


def _details(request: Request, session: Session, name: str) -> BatchDetails:
    """A batch that the session may see. Raises BatchNotFound."""
    reader = _reader(request)
    if not session.sees(_model(reader.find(name).request)):
        raise BatchNotFound(name)
    return reader.details(name)


def _model(request: Any) -> str:
    """The model that a batch was requested for; whoever starts the state machine by hand may name none."""
    return str(request.get("model", "")) if isinstance(request, dict) else ""


def _rows(details: BatchDetails) -> Iterator[tuple[str, str, int]]:
    manifest = details.manifest or {}
    yield from (("answer", label, count) for label, count in manifest.get("labels", {}).items())
    rejected = manifest.get("rejected", {}).get("reasons", {})
    yield from (("rejected", rule, count) for rule, count in rejected.items())
