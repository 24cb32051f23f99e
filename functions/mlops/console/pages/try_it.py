"""Try it: a form typed by a version's contract, the answer of the serving code, and what moved it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mlops.console.page import HOME, render
from mlops.console.pages.asking import EXPLANATION_HEADER, explanation_rows, may_ask, view_explanation
from mlops.console.pages.predictions import find_inputs
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.row_form import WHOLE_ROW, Field, make_fields, read_row, write_row
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.answers import Answer
from mlops.console.session.gate import Form, Operator, Reader
from mlops.contract import Contract
from mlops.errors.console import FormInvalid
from mlops.errors.operations import ServingUnavailable
from mlops.registry.manifest.manifest import Manifest

router = APIRouter()
MOST_LABELS, MOST_ERRORS, MOST_EXAMPLES = 12, 20, 10
_PATH = f"{HOME}/models/{{model}}/try"
_NOT_FOUND = 404


@dataclass(frozen=True)
class Trial:
    """What somebody tries: a version, its golden rows, and the row in the form, also as JSON for people."""

    manifest: Manifest
    golden: Sequence[Mapping[str, Any]]
    row: Mapping[str, Any]
    text: str

    @property
    def contract(self) -> Contract:
        """What the version takes."""
        return self.manifest.contract

    @property
    def examples(self) -> list[int]:
        """The places, from 1, of golden rows that are offered: some at even distances, as they lie by their answers."""
        count = len(self.golden)
        shown = min(count, MOST_EXAMPLES)
        return [1 + place * (count - 1) // max(1, shown - 1) for place in range(shown)]

    def fields(self) -> list[Field]:
        """The fields of the form."""
        return make_fields(self.contract, self.golden, self.row)


@router.get(_PATH)
def show_form(
    request: Request,
    model: Model,
    session: Reader,
    version: Annotated[int | None, Query(ge=1)] = None,
    example: Annotated[int, Query(ge=1, le=1_000)] = 1,
    prediction: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The form, filled with an example or a recorded prediction's inputs."""
    manifest = _manifest(request, model, version)
    if manifest is None:
        return render(request, "try.html.jinja", model=model, trial=None, may_ask=may_ask(session))
    golden = readers_of(request).registry.golden_rows(model, manifest)
    row = dict(golden[min(example, len(golden)) - 1]) if golden else {}
    if prediction:
        recorded = find_inputs(request, model, prediction)
        row |= {each.name: recorded.get(each.name) for each in manifest.contract.columns if each.privacy == "keep"}
    trial = Trial(manifest, golden, row, write_row(manifest.contract, row))
    return _show(request, model, session, trial, None, None, example=example)


@router.post(_PATH)
def try_row(request: Request, model: Model, session: Operator, form: Form) -> Response:
    """The form again, with the answer."""
    trial, answer, failure = _ask(request, model, form)
    return _show(request, model, session, trial, answer, failure)


@router.post(f"{_PATH}.csv")
def download_explanation(request: Request, model: Model, session: Operator, form: Form) -> Response:  # noqa: ARG001 - checked
    """What moved the answer. Raises ServingUnavailable through the page that says so."""
    trial, answer, failure = _ask(request, model, form)
    if answer is None or answer.explanation is None:
        why = failure or (answer and answer.unexplained) or "the row was refused"
        raise HTTPException(_NOT_FOUND, f"There is no explanation: {why}")
    rows = explanation_rows(answer.explanation, trial.row)
    return answer_csv(f"{model}-explanation", EXPLANATION_HEADER, rows)


def _ask(request: Request, model: str, form: Form) -> tuple[Trial, Answer | None, str | None]:
    """What was tried, and the answer or why there's none."""
    number = form.get("version", "")
    if not number.isdecimal() or len(number) > 9:
        raise FormInvalid("version", "it's no whole number")
    manifest = _manifest(request, model, int(number))
    if manifest is None:
        raise FormInvalid("version", "it takes no row")
    readers = readers_of(request)
    golden = readers.registry.golden_rows(model, manifest)
    try:
        row = read_row(manifest.contract, form)
    except FormInvalid as error:
        # Somebody is writing JSON: it stays in the form, next to what is wrong with it.
        return Trial(manifest, golden, {}, form.get(WHOLE_ROW, "")), None, str(error)
    trial = Trial(manifest, golden, row, write_row(manifest.contract, row))
    try:
        answer = readers.answers.ask(model, manifest.version, trial.row, explain=True)
    except ServingUnavailable as error:
        return trial, None, str(error)
    return trial, answer, None


def _manifest(request: Request, model: str, version: int | None) -> Manifest | None:
    """The manifest of a version, the champion's without one; None if nothing serves, or it's a recommender.

    Raises VersionNotFound.
    """
    registry = readers_of(request).registry
    champion = registry.champion(model)
    number = version if version is not None else champion.version if champion else None
    if number is None:
        return None
    manifest = registry.manifest(model, number)
    return manifest if isinstance(manifest, Manifest) else None


def _show(
    request: Request,
    model: str,
    session: Reader,
    trial: Trial,
    answer: Answer | None,
    failure: str | None,
    example: int | None = None,
) -> Response:
    ordered = sorted(answer.probabilities.items(), key=lambda item: -item[1]) if answer else []
    explanation = answer.explanation if answer else None
    champion = readers_of(request).registry.champion(model)
    return render(
        request,
        "try.html.jinja",
        model=model,
        trial=trial,
        manifest=trial.manifest,
        serves=champion is not None and champion.version == trial.manifest.version,
        may_ask=may_ask(session),
        fields=trial.fields(),
        example=example,
        answer=answer,
        failure=failure,
        errors=(answer.problem or {}).get("errors", ())[:MOST_ERRORS] if answer else (),
        probabilities=ordered[:MOST_LABELS],
        explanation=view_explanation(explanation, trial.row) if explanation else None,
    )
