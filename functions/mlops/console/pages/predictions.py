"""Predictions as records have them: the newest, one by its id, what moved it, and its truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from mlops.console.page import HOME, link_to, render
from mlops.console.pages.asking import EXPLANATION_HEADER, explanation_rows, may_ask, view_explanation
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.answers import Answer
from mlops.console.readers.predictions import Record
from mlops.console.session.gate import Reader
from mlops.errors.authorization import NotPermitted
from mlops.errors.operations import ServingUnavailable
from mlops.errors.registry import ArtifactInvalid, VersionNotFound
from mlops.records.ids import prediction_time
from mlops.registry.manifest.manifest import RECOMMENDER, Manifest

router = APIRouter()
MOST_INPUTS, MOST_LABELS, MOST_OTHERS = 200, 12, 10
_TOLERANCE = 1e-6
"""Within which an answer is the same: that of golden rows."""
_NOT_FOUND, _SEE_OTHER = 404, 303


@dataclass(frozen=True)
class Prediction:
    """A record as pages show it; what isn't as records are is left out."""

    id: str
    at: datetime | None
    version: int | None
    role: str
    answer: str | float | None
    probability: float | None
    latency_ms: float | None

    @classmethod
    def of(cls, record: Record) -> "Prediction":
        """The prediction of a record."""
        version = record.get("model_version")
        answer = record.get("label", record.get("value"))
        return cls(
            id=str(record.get("prediction_id", "")),
            at=_moment(record.get("timestamp")),
            version=version if isinstance(version, int) else None,
            role=str(record.get("role", "")),
            answer=answer if isinstance(answer, str) else _number(answer),
            probability=_number(record.get("probability")),
            latency_ms=_number(record.get("latency_ms")),
        )


@router.get(f"{HOME}/models/{{model}}/predictions")
def show_predictions(
    request: Request,
    model: Model,
    session: Reader,
    id: Annotated[str, Query(max_length=200)] = "",  # noqa: A002
) -> Response:
    """The newest predictions; with an id, that one's page."""
    wanted, refusal = id.strip().lower(), None
    if wanted:
        try:
            prediction_time(wanted)
        except ValueError:
            refusal = "This is no prediction's id: those are version 7 UUIDs, as answers have them."
        else:
            return RedirectResponse(link_to(model, "predictions", wanted), _SEE_OTHER)
    readers = readers_of(request)
    champion = readers.registry.champion(model)
    manifest = readers.registry.manifest(model, champion.version) if champion else None
    newest = readers.predictions.newest(model, readers.now())
    return render(
        request,
        "predictions.html.jinja",
        model=model,
        champion=champion,
        is_recommender=manifest is not None and manifest.kind == RECOMMENDER,
        unit=manifest.contract.target.unit if isinstance(manifest, Manifest) else None,
        rows=[Prediction.of(record) for record in newest.records],
        from_log=newest.from_log,
        wanted=wanted,
        refusal=refusal,
        may_try=may_ask(session),
        now=readers.now(),
    )


@router.get(f"{HOME}/models/{{model}}/predictions.csv")
def download_predictions(request: Request, model: Model) -> Response:
    """The newest predictions."""
    readers = readers_of(request)
    found = map(Prediction.of, readers.predictions.newest(model, readers.now()).records)
    header = ("prediction_id", "time", "version", "role", "answer", "probability", "latency_ms")
    rows = (
        (
            each.id,
            each.at.isoformat() if each.at else None,
            each.version,
            each.role,
            each.answer,
            each.probability,
            each.latency_ms,
        )
        for each in found
    )
    return answer_csv(f"{model}-predictions", header, rows)


@router.get(f"{HOME}/models/{{model}}/predictions/{{prediction_id}}")
def show_prediction(
    request: Request, model: Model, session: Reader, prediction_id: str, explain: bool = False
) -> Response:
    """One prediction; with `explain`, what moved it. Raises NotPermitted for a session that may have none explained."""
    record, in_log = _find(request, model, prediction_id)
    readers, view = readers_of(request), Prediction.of(record)
    manifest = _manifest(request, model, view.version)
    row, obstacle = _row(record, manifest)
    answer, failure = None, None
    if explain and row is not None:
        try:
            answer = _explain(request, session, model, view, row)
        except ServingUnavailable as error:
            failure = str(error)
    shown = record.get("inputs")
    truths = None
    if manifest is not None:
        truths = readers.predictions.truths(record, manifest.contract, manifest.key, readers.now().date())
    return render(
        request,
        "prediction.html.jinja",
        model=model,
        view=view,
        record=record,
        in_log=in_log,
        manifest=manifest,
        probabilities=_probabilities(record),
        inputs=list(shown.items())[:MOST_INPUTS] if isinstance(shown, dict) else None,
        columns={column.name: column for column in manifest.contract.columns} if manifest else {},
        private=[column for column in manifest.contract.columns if column.privacy != "keep"] if manifest else [],
        cut=record.get("inputs_cut") or (),
        truths=truths,
        most_others=MOST_OTHERS,
        is_all=truths is not None and truths.until >= readers.now().date(),
        obstacle=obstacle,
        may_try=may_ask(session),
        answer=answer,
        failure=failure,
        explanation=view_explanation(answer.explanation, row) if answer and answer.explanation and row else None,
        is_same=answer is not None and _is_same(answer, view),
    )


@router.get(f"{HOME}/models/{{model}}/predictions/{{prediction_id}}/explanation.csv")
def download_explanation(request: Request, model: Model, session: Reader, prediction_id: str) -> Response:
    """What moved one prediction. Raises ServingUnavailable."""
    record, _ = _find(request, model, prediction_id)
    view = Prediction.of(record)
    row, obstacle = _row(record, _manifest(request, model, view.version))
    answer = _explain(request, session, model, view, row) if row is not None else None
    if answer is None or answer.explanation is None or row is None:
        why = obstacle or (answer and answer.unexplained)
        raise HTTPException(_NOT_FOUND, f"There is no explanation of it: {why or 'its row was refused'}")
    rows = explanation_rows(answer.explanation, row)
    return answer_csv(f"{model}-{prediction_id}", EXPLANATION_HEADER, rows)


def find_inputs(request: Request, model: str, prediction_id: str) -> Mapping[str, Any]:
    """What the record of a prediction has of its inputs. Raises HTTPException if there's no such prediction."""
    found = _find(request, model, prediction_id)[0].get("inputs")
    return found if isinstance(found, dict) else {}


def _find(request: Request, model: str, prediction_id: str) -> tuple[Record, bool]:
    try:
        found = readers_of(request).predictions.find(model, prediction_id)
    except ValueError:
        raise HTTPException(_NOT_FOUND, "There is no such prediction") from None
    if found is None:
        raise HTTPException(
            _NOT_FOUND,
            f"There is no record of {prediction_id} for {model}: neither in the records bucket nor in the API's log. "
            "Records are deleted after some months; `scripts/mlops logs prediction` searches longer than a page",
        )
    return found.record, found.in_log


def _manifest(request: Request, model: str, version: int | None) -> Manifest | None:
    """The manifest of the version that answered; None if it can't be read any more."""
    if version is None:
        return None
    try:
        manifest = readers_of(request).registry.manifest(model, version)
    except (VersionNotFound, ArtifactInvalid):
        return None
    return manifest if isinstance(manifest, Manifest) else None


def _row(record: Record, manifest: Manifest | None) -> tuple[Mapping[str, Any] | None, str | None]:
    """The row as it was asked about; None if the record doesn't have all of it, with the reason."""
    inputs = record.get("inputs")
    if manifest is None:
        return None, "the version that answered can't be read any more"
    if not isinstance(inputs, dict):
        return None, "its inputs weren't recorded"
    if any(column.privacy != "keep" for column in manifest.contract.columns):
        return None, "it has private columns, whose values aren't recorded"
    if record.get("inputs_cut"):
        return None, "some of its texts were cut when it was recorded"
    return {name: inputs.get(name) for name in manifest.contract.names}, None


def _explain(request: Request, session: Reader, model: str, view: Prediction, row: Mapping[str, Any]) -> Answer:
    """The answer of the same version to the same row, with its explanation. Raises NotPermitted, ServingUnavailable."""
    if not may_ask(session):
        raise NotPermitted(f"it needs the scope operate, and {session.name!r} hasn't got it")
    assert view.version is not None
    return readers_of(request).answers.ask(model, view.version, row, explain=True)


def _is_same(answer: Answer, view: Prediction) -> bool:
    """Whether an answer is the recorded one."""
    if answer.label is None:
        expected, found = view.answer, answer.value
    elif answer.label != view.answer:
        return False
    else:
        expected, found = view.probability, answer.probability
    if not isinstance(expected, float) or found is None:
        return False
    return abs(expected - found) <= _TOLERANCE * max(1.0, abs(expected))


def _probabilities(record: Record) -> list[tuple[str, float]]:
    """The labels with their probabilities, the most probable first."""
    given = record.get("probabilities")
    found = [(name, number) for name, value in given.items() if (number := _number(value)) is not None] if isinstance(
        given, dict
    ) else []  # fmt: skip
    return sorted(found, key=lambda item: -item[1])[:MOST_LABELS]


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
