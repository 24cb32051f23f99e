"""The API: which path does what."""

import asyncio
from contextlib import suppress
from time import perf_counter_ns
from typing import Annotated, Any

from fastapi import FastAPI, Path
from fastapi.responses import RedirectResponse
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops.errors import BodyTooLarge, BodyUnreadable, InputRejected, MediaTypeUnsupported, ModelUnavailable
from mlops.serving.catalog import Catalog, ModelCard, ModelList
from mlops.serving.champions import Champions
from mlops.serving.docs import add_docs
from mlops.serving.problems import PROBLEMS, answer_failure, answer_http_error, answer_problem
from mlops.serving.records import ServingLog, make_ids
from mlops.serving.scorer import Scorer, Scores
from mlops.settings import ApiSettings

ModelName = Annotated[str, Path(description="The model's name.", examples=["diagnosis"])]


def create_app(settings: ApiSettings, catalog: Catalog, champions: Champions, log: ServingLog) -> FastAPI:
    """The API over a registry's models."""
    app = FastAPI(title="Predictions", version="1", openapi_url=None, docs_url=None, redoc_url=None)
    for error in PROBLEMS:
        app.add_exception_handler(error, answer_problem)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_middleware(_FailureAnswerer, log=log)

    async def answer(request: Request, model: str) -> Response:
        started = perf_counter_ns()
        scorer = await _find_scorer(champions, model)
        try:
            rows = scorer.reader.read(await _read_body(request, settings.max_body_bytes))
        except (BodyTooLarge, BodyUnreadable, InputRejected, MediaTypeUnsupported) as error:
            log.rejected(model, error, _request_ids(request))
            raise
        scores = scorer.score(rows)
        ids = make_ids(len(rows))
        response = Response(to_json(_answer(scorer, scores, ids)), media_type="application/json")
        log.predictions(scorer, rows, scores, ids, (perf_counter_ns() - started) / 1e6, _request_ids(request))
        return response

    async def predict(request: Request) -> Response:
        return await answer(request, request.path_params.get("model", settings.default_model))

    # Plain Starlette routes: the body is read with the model's own contract, and docs.py tells its type.
    app.add_route("/predict", predict, methods=["POST"], include_in_schema=False)
    app.add_route("/models/{model}/predict", predict, methods=["POST"], include_in_schema=False)

    @app.get("/models", summary="All models", tags=["models"])
    def list_models() -> ModelList:
        """All models, with the version that serves and the number of versions."""
        return catalog.summaries()

    @app.get("/models/{model}", summary="One model", tags=["models"])
    def describe_model(model: ModelName) -> ModelCard:
        """A model's contract, and its champion's metrics, gates and dataset."""
        return catalog.card(model)

    @app.get("/health", summary="What is served", tags=["health"], response_model=None)
    def tell_health() -> JSONResponse:
        """The versions that answer now; 503 if none does."""
        return _tell_health(settings.default_model, champions)

    @app.get("/", include_in_schema=False)
    async def lead_to_docs() -> RedirectResponse:
        return RedirectResponse("/docs")

    add_docs(app, catalog, settings.max_rows)
    return app


class _FailureAnswerer:
    """Answers what nobody foresaw with a 500 that tells nothing, and logs it with its stack trace."""

    def __init__(self, app: ASGIApp, log: ServingLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001
            request = Request(scope)
            self._log.failed(error, _request_ids(request))
            await answer_failure(request)(scope, receive, send)


async def _find_scorer(champions: Champions, model: str) -> Scorer:
    """What answers for the model. Only where nothing does yet, a request waits for the registry."""
    follower = champions.find(model)
    if follower is None:
        follower = await asyncio.to_thread(champions.open, model)
    scorer = follower.scorer
    if scorer is None:
        return await asyncio.to_thread(follower.demand)
    follower.poke()
    return scorer


async def _read_body(request: Request, limit: int) -> bytes:
    given = request.headers.get("content-type")
    if given is None or given.partition(";")[0].strip().lower() != "application/json":
        raise MediaTypeUnsupported(given)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge("bytes", limit)
    return bytes(body)


def _answer(scorer: Scorer, scores: Scores, ids: list[str]) -> dict[str, Any]:
    names = scorer.contract.target.labels
    predictions: list[dict[str, Any]]
    if names:
        predictions = [
            {"prediction_id": name, "label": label, "probabilities": dict(zip(names, chances, strict=True))}
            for name, label, chances in zip(ids, scores.labels, scores.probabilities, strict=True)
        ]
    else:
        predictions = [{"prediction_id": name, "value": value} for name, value in zip(ids, scores.values, strict=True)]
    return {"model": scorer.manifest.model, "version": scorer.manifest.version, "predictions": predictions}


def _tell_health(default_model: str, champions: Champions) -> JSONResponse:
    models = []
    for follower in champions.followers():
        with suppress(ModelUnavailable):  # then its fault says why
            follower.demand()
        follower.poke()
        version = follower.scorer.manifest.version if follower.scorer else None
        models.append({"name": follower.model, "version": version, "fault": follower.fault})
    served = any(model["version"] is not None for model in models)
    whole = all(model["fault"] is None for model in models)
    status = ("ok" if whole else "degraded") if served else "unavailable"
    document = {"status": status, "default_model": default_model, "models": models}
    return JSONResponse(document, 200 if served else 503)


def _request_ids(request: Request) -> dict[str, str]:
    """The ids under which Lambda and API Gateway know the request; none outside Lambda."""
    context = request.scope.get("aws.context")
    event = request.scope.get("aws.event", {})
    ids = {
        "function_request_id": getattr(context, "aws_request_id", None),
        "request_id": event.get("requestContext", {}).get("requestId"),
    }
    return {name: value for name, value in ids.items() if value}
