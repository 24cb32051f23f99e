"""Health and metadata of the server and the models, as the Open Inference Protocol V2 defines them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mlops.contract import Column, Contract
from mlops.serving.live.served_models import ServedModels
from mlops.serving.scorer import Scorer

if TYPE_CHECKING:
    from mlops.serving.live.loading import Served

SERVER = {"name": "mlops", "version": "1", "extensions": ["binary_tensor_data"]}
PLATFORM = "onnxruntime_onnx"

type TensorShape = tuple[str, str, list[int]]

# A row a request; a request's history and what it excludes are JSON, since they differ in length.
RECOMMENDER_INPUTS: tuple[TensorShape, ...] = (
    ("user", "BYTES", [-1]),
    ("history", "BYTES", [-1]),
    ("k", "INT64", [-1]),
    ("exclude", "BYTES", [-1]),
)
RECOMMENDER_OUTPUTS: tuple[TensorShape, ...] = (
    ("items", "BYTES", [-1, -1]),
    ("scores", "FP64", [-1, -1]),
    ("basis", "BYTES", [-1]),
    ("recommendation_id", "BYTES", [-1]),
)

_DATATYPES = {"number": "FP64", "integer": "INT64", "boolean": "BOOL"}  # all others are BYTES


def make_routes(models: ServedModels) -> list[Route]:
    """The GET paths under /v2. A model that isn't ready answers 503 with the reason."""

    async def server_metadata(_: Request) -> Response:
        return JSONResponse(SERVER)

    async def server_live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def server_ready(_: Request) -> Response:
        await models.find({})
        return JSONResponse({"ready": True})

    async def model_ready(request: Request) -> Response:
        scorer = await models.find(request.path_params)
        return JSONResponse({"name": scorer.manifest.model, "ready": True})

    async def model_metadata(request: Request) -> Response:
        scorer = await models.find(request.path_params)
        return JSONResponse(_describe_served(scorer))

    paths = {
        "/v2": server_metadata,
        "/v2/health/live": server_live,
        "/v2/health/ready": server_ready,
        "/v2/models/{model}": model_metadata,
        "/v2/models/{model}/ready": model_ready,
        "/v2/models/{model}/versions/{version}": model_metadata,
        "/v2/models/{model}/versions/{version}/ready": model_ready,
    }
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in paths.items()]


def _describe_served(served: "Served") -> dict[str, Any]:
    manifest = served.manifest
    if isinstance(served, Scorer):
        return describe_model(manifest.model, manifest.version, served.contract)
    return describe_tensors(manifest.model, manifest.version, RECOMMENDER_INPUTS, RECOMMENDER_OUTPUTS)


def describe_model(model: str, version: int, contract: Contract) -> dict[str, Any]:
    """V2's model metadata: a tensor a column, and the outputs."""
    labels = contract.target.labels
    answers = [("label", "BYTES", [-1]), ("probabilities", "FP64", [-1, len(labels)])] if labels else []
    outputs = [*(answers or [("value", "FP64", [-1])]), ("prediction_id", "BYTES", [-1])]
    inputs = [(each.name, datatype(each), [-1]) for each in contract.columns]
    return describe_tensors(model, version, inputs, outputs)


def describe_tensors(
    model: str, version: int, inputs: Sequence[TensorShape], outputs: Sequence[TensorShape]
) -> dict[str, Any]:
    """V2's model metadata by name, datatype and shape of each tensor."""
    described = [
        [{"name": name, "datatype": kind, "shape": shape} for name, kind, shape in each] for each in (inputs, outputs)
    ]
    return {
        "name": model,
        "versions": [str(version)],
        "platform": PLATFORM,
        "inputs": described[0],
        "outputs": described[1],
    }


def datatype(column: Column) -> str:
    """The datatype to send a column in. Only floating numbers have a NaN to say that a value is missing."""
    return "FP64" if column.kind == "integer" and not column.required else _DATATYPES.get(column.kind, "BYTES")
