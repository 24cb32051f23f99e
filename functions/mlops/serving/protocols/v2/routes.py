"""Health and metadata of the server and the models, as the Open Inference Protocol V2 defines them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mlops.contract import Column, Contract
from mlops.serving.live.served_models import ServedModels

SERVER = {"name": "mlops", "version": "1", "extensions": ["binary_tensor_data"]}
PLATFORM = "onnxruntime_onnx"

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
        return JSONResponse(describe_model(scorer.manifest.model, scorer.manifest.version, scorer.contract))

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


def describe_model(model: str, version: int, contract: Contract) -> dict[str, Any]:
    """V2's model metadata: a tensor a column, and the outputs."""
    labels = contract.target.labels
    answers = [("label", "BYTES", [-1]), ("probabilities", "FP64", [-1, len(labels)])] if labels else []
    outputs = [*(answers or [("value", "FP64", [-1])]), ("prediction_id", "BYTES", [-1])]
    return {
        "name": model,
        "versions": [str(version)],
        "platform": PLATFORM,
        "inputs": [{"name": each.name, "datatype": datatype(each), "shape": [-1]} for each in contract.columns],
        "outputs": [{"name": name, "datatype": kind, "shape": shape} for name, kind, shape in outputs],
    }


def datatype(column: Column) -> str:
    """The datatype to send a column in. Only floating numbers have a NaN to say that a value is missing."""
    return "FP64" if column.kind == "integer" and not column.required else _DATATYPES.get(column.kind, "BYTES")
