"""MLflow's scoring protocol, as `mlflow models serve` implements it, for the default model.

`predictions` has an object a row, which is how MLflow writes a data frame: the members are those of POST /predict, so
clients get label and probabilities by name. (MLflow's own server would flatten the probabilities of N rows and k
labels into N x k predictions.)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mlops.serving.live.served_models import ServedModels
from mlops.serving.protocols.mlflow.frames import read_frame
from mlops.serving.protocols.mlflow.tables import read_table
from mlops.serving.protocols.predict import answer_predictions
from mlops.serving.protocols.protocol import ModelDescription, ParsedRequest
from mlops.serving.scorer import Scorer, Scores

# The MLflow release whose protocol this is: the answer of GET /version.
MLFLOW_VERSION = "3.17.2"


class Invocations:
    """POST /invocations, with GET /ping and GET /version."""

    paths: tuple[str, ...] = ("/invocations",)
    media_types: tuple[str, ...] = ("application/json", "text/csv")
    requires_media_type = True
    explains = False

    def read(self, body: bytes, headers: Mapping[str, str], scorer: Scorer) -> ParsedRequest:
        """The rows of a data frame in one of MLflow's four JSON forms, or in CSV."""
        if headers["content-type"].lower().lstrip().startswith("text/csv"):
            return ParsedRequest(read_table(body, scorer.contract, scorer.reader))
        return ParsedRequest(read_frame(body, scorer.reader))

    def write(
        self, parsed: ParsedRequest, scorer: Scorer, scores: Scores, ids: Sequence[str], explanations: object = None
    ) -> Response:
        """`{"predictions": [an object a row], …}`."""
        return answer_predictions(scorer, scores, ids)

    def routes(self, models: ServedModels) -> list[Route]:
        """/ping, which is 200 if the default model answers, and /version."""

        async def ping(_: Request) -> Response:
            await models.find({})
            return PlainTextResponse("\n")

        async def version(_: Request) -> Response:
            return PlainTextResponse(MLFLOW_VERSION)

        return [Route("/ping", ping, methods=["GET"]), Route("/version", version, methods=["GET"])]

    def describe(self, model: ModelDescription) -> dict[str, Any]:
        """The protocol's paths, which are those of the default model alone."""
        from mlops.serving.protocols.mlflow.openapi import describe_invocations

        return describe_invocations(model) if model.is_default else {}
