"""Our own protocol: `{"rows": [{column: value, …}, …]}` in, label and probabilities of each row out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json
from starlette.responses import Response
from starlette.routing import Route

from mlops.serving.bulk.templates import MANY
from mlops.serving.bulk.writer import write_predictions
from mlops.serving.live.served_models import ServedModels
from mlops.serving.protocols.protocol import ModelDescription, ParsedRequest
from mlops.serving.scorer import Scorer, Scores

if TYPE_CHECKING:
    from mlops.artifact.explanation.explainer import Explanation


class Predict:
    """POST /predict for the default model, /models/{model}/predict, or a particular version of a model."""

    paths: tuple[str, ...] = ("/predict", "/models/{model}/predict", "/models/{model}/versions/{version}/predict")
    media_types: tuple[str, ...] = ("application/json",)
    requires_media_type = True
    explains = True

    def read(self, body: bytes, headers: Mapping[str, str], scorer: Scorer) -> ParsedRequest:
        """The rows, checked while their JSON is parsed."""
        return ParsedRequest(scorer.reader.read(body))

    def write(
        self,
        parsed: ParsedRequest,
        scorer: Scorer,
        scores: Scores,
        ids: Sequence[str],
        explanations: "Sequence[Explanation] | None" = None,
    ) -> Response:
        """Model, version, and a prediction a row."""
        return answer_predictions(scorer, scores, ids, explanations)

    def routes(self, models: ServedModels) -> list[Route]:
        """None: /models and /health serve all protocols."""
        return []

    def describe(self, model: ModelDescription) -> dict[str, Any]:
        """The prediction paths of a model, typed by its champion's contract where it has one."""
        from mlops.serving.protocols.predict_openapi import describe_predict

        return describe_predict(model)


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
