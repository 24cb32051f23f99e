"""Our own protocol: `{"rows": [{column: value, …}, …]}` in, label and probabilities of each row out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json
from starlette.responses import Response
from starlette.routing import Route

from mlops.serving.bulk.templates import MANY
from mlops.serving.bulk.writer import write_predictions
from mlops.serving.docs.schemas import (
    EXPLAIN_PARAMETER,
    describe_columns,
    describe_rows,
    make_example,
    operation,
    predictions_schema,
    version_parameter,
)
from mlops.serving.live.scorers import Scorers
from mlops.serving.protocols.protocol import Described, Question
from mlops.serving.scorer import Scorer, Scores

if TYPE_CHECKING:
    from mlops.artifact.explanation.explainer import Explanation


class Predict:
    """POST /predict for the default model, /models/{model}/predict, or a particular version of a model."""

    paths: tuple[str, ...] = ("/predict", "/models/{model}/predict", "/models/{model}/versions/{version}/predict")
    media_types: tuple[str, ...] = ("application/json",)
    requires_media_type = True
    explains = True

    def read(self, body: bytes, headers: Mapping[str, str], scorer: Scorer) -> Question:
        """The rows, checked while their JSON is parsed."""
        return Question(scorer.reader.read(body))

    def write(
        self,
        question: Question,
        scorer: Scorer,
        scores: Scores,
        ids: Sequence[str],
        explanations: "Sequence[Explanation] | None" = None,
    ) -> Response:
        """Model, version, and a prediction a row."""
        return answer_predictions(scorer, scores, ids, explanations)

    def routes(self, scorers: Scorers) -> list[Route]:
        """None: GET /models and /health tell of the models."""
        return []

    def describe(self, described: Described) -> dict[str, Any]:
        """The prediction paths of a model, typed by its champion's contract where it has one."""
        model = described.model
        paths: dict[str, Any] = {}
        if described.is_default:
            paths["/predict"] = {"post": self._describe(described, "predict")}
        if described.contract:
            paths[f"/models/{model}/predict"] = {"post": self._describe(described, f"predict-{model}")}
            particular = self._describe(described, f"predict-{model}-version", particular=True)
            particular["summary"] = f"Predict with a particular version of {model}"
            particular["parameters"].insert(0, version_parameter(described.version))
            paths[f"/models/{model}/versions/{{version}}/predict"] = {"post": particular}
        return paths

    def _describe(self, described: Described, operation_id: str, *, particular: bool = False) -> dict[str, Any]:
        body: dict[str, Any] = {"schema": describe_rows(described.contract, described.max_rows)}
        if described.contract:
            body["example"] = {"rows": [make_example(described.contract, described.example)]}
        answer = {"application/json": {"schema": predictions_schema(described.contract, explained=True)}}
        told = operation(
            operation_id,
            "predictions",
            f"Predict with {described.model}",
            described.contract,
            {"application/json": body},
            answer,
            may_be_missing=particular,
        )
        if described.contract and not particular:
            told["description"] += "\n\n" + describe_columns(described.contract)
        return told | {"parameters": [EXPLAIN_PARAMETER]}


def answer_predictions(
    scorer: Scorer, scores: Scores, ids: Sequence[str], explanations: "Sequence[Explanation] | None" = None
) -> Response:
    """`{"model", "version", "predictions"}`; a prediction has its id, and label and probabilities, or a value."""
    if len(ids) >= MANY and not explanations:
        head = to_json({"model": scorer.manifest.model, "version": scorer.manifest.version})[:-1]
        text = b'%b,"predictions":[%b]}' % (head, write_predictions(scorer.contract.target, scores, ids))
        return Response(text, media_type="application/json")
    names = scorer.contract.target.labels
    predictions: list[dict[str, Any]]
    if names:
        predictions = [
            {"prediction_id": name, "label": label, "probabilities": dict(zip(names, chances, strict=True))}
            for name, label, chances in zip(ids, scores.labels, scores.probabilities, strict=True)
        ]
    else:
        predictions = [{"prediction_id": name, "value": value} for name, value in zip(ids, scores.values, strict=True)]
    for prediction, explanation in zip(predictions, explanations or (), strict=False):
        prediction["explanation"] = {
            "unit": explanation.unit,
            "base": explanation.base,
            "contributions": explanation.contributions,
        }
    document = {"model": scorer.manifest.model, "version": scorer.manifest.version, "predictions": predictions}
    return Response(to_json(document), media_type="application/json")
