"""Trainings: those that run with their stage and trials, those that wait, and what came of the others."""

from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mlops.console.charts.trials import draw_trials
from mlops.console.page import HOME, link_to, render
from mlops.console.pages.request import readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.trainings import UNFINISHED, Training
from mlops.console.session.gate import Reader
from mlops.errors.registry import ModelNotFound
from mlops.monitoring.report.texts import metric_sign
from mlops.operations.trainings import Trial, best_of

router = APIRouter()
SOON, LATER = 3, 15
"""Seconds after which a page renews itself: while something runs, and otherwise."""
MOST_ENDED, MOST_TRIALS, MOST_STEPS = 40, 200, 60
_NOT_FOUND = 404
_PATH = f"{HOME}/models/{{model}}/trainings"


@router.get(f"{HOME}/trainings")
def show_all_trainings(request: Request, session: Reader) -> Response:
    """Trainings of all models that the session sees."""
    found = [each for each in readers_of(request).operations.trainings.latest() if session.sees(each.model)]
    return _show(request, found, "site_page.html.jinja", f"{HOME}/trainings", of=None)


@router.get(_PATH)
def show_trainings(request: Request, session: Reader, model: str) -> Response:  # noqa: ARG001 - it must be signed in
    """Trainings of one model, which may have no version yet. Raises ModelNotFound."""
    readers = readers_of(request)
    found = readers.operations.trainings.latest(model)
    if not found and model not in readers.registry.models():
        raise ModelNotFound(model)
    return _show(request, found, "model_page.html.jinja", link_to(model, "trainings"), of=model, model=model)


def _show(request: Request, found: list[Training], layout: str, path: str, **content: Any) -> Response:
    unfinished = [each for each in found if each.state in UNFINISHED]
    ended = [each for each in found if each.state not in UNFINISHED]
    return render(
        request,
        "trainings.html.jinja",
        layout=layout,
        address=path,
        every=SOON if unfinished else LATER,
        unfinished=[(each, _best(each), _draw(each)) for each in unfinished],
        ended=ended[:MOST_ENDED],
        **content,
    )


@router.get(f"{_PATH}/{{file}}")
def show_training(request: Request, session: Reader, model: str, file: str) -> Response:  # noqa: ARG001 - likewise
    """One training: its steps, its trials, its outcome."""
    training = _find(request, model, file)
    progress = training.progress
    trials = progress.trials if progress else ()
    return render(
        request,
        "training.html.jinja",
        model=model,
        training=training,
        steps=progress.steps[-MOST_STEPS:] if progress else (),
        trials=trials[: -MOST_TRIALS - 1 : -1],
        count_trials=len(trials),
        best=_best(training),
        picture=_draw(training),
        unfinished=UNFINISHED,
        every=SOON if training.state in UNFINISHED else LATER,
    )


@router.get(f"{_PATH}/{{file}}/trials.csv")
def download_trials(request: Request, session: Reader, model: str, file: str) -> Response:  # noqa: ARG001 - likewise
    """The trials of a training."""
    progress = _find(request, model, file).progress
    header = ("trial", "at", "candidate", "parameters", "metric", "score", "pruned", "failure")
    rows = (_cells(each) for each in (progress.trials if progress else ()))
    return answer_csv(f"{model}-trials", header, rows)


def _cells(trial: Trial) -> tuple[object, ...]:
    at = trial.at.isoformat()
    return trial.number, at, trial.candidate, trial.chosen, trial.metric, trial.score, trial.pruned, trial.failure


def _find(request: Request, model: str, file: str) -> Training:
    training = readers_of(request).operations.trainings.find(model, file)
    if training is None:
        raise HTTPException(_NOT_FOUND, f"There is no dataset {file} of {model}, or nothing is known of its training")
    return training


def _best(training: Training) -> Trial | None:
    trials = training.progress.trials if training.progress else ()
    return best_of(trials, greater=_is_greater_better(trials))


def _draw(training: Training) -> Markup:
    trials = training.progress.trials if training.progress else ()
    metric = next((each.metric for each in trials if each.metric), None)
    return draw_trials(trials, metric, greater=_is_greater_better(trials)) if metric else Markup("")


def _is_greater_better(trials: tuple[Trial, ...]) -> bool:
    """Whether a greater score is better; a recommender's metrics, which all are so, have no entry of their own."""
    metric = next((each.metric for each in trials if each.metric), "")
    return (metric_sign(metric) or 1) > 0
