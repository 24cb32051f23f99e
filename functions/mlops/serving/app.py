"""The API: which path does what."""

from contextlib import suppress
from functools import partial
from typing import Annotated

from fastapi import FastAPI, Path
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops.errors import ModelUnavailable
from mlops.registry.store import Store
from mlops.serving.answer import Answerer, request_ids
from mlops.serving.catalog import Catalog, ModelCard, ModelList
from mlops.serving.champions import Champions
from mlops.serving.docs import add_docs
from mlops.serving.pinned import Pinned
from mlops.serving.problems import PROBLEMS, answer_failure, answer_http_error, answer_problem
from mlops.serving.protocols import PROTOCOLS
from mlops.serving.records import ServingLog
from mlops.serving.scorers import Scorers
from mlops.settings import ApiSettings

ModelName = Annotated[str, Path(description="The model's name.", examples=["diagnosis"])]


def create_app(settings: ApiSettings, store: Store, champions: Champions, log: ServingLog) -> FastAPI:
    """The API over the models of the registry in `store`."""
    catalog = Catalog(store, settings.default_model)
    app = FastAPI(title="Predictions", version="1", openapi_url=None, docs_url=None, redoc_url=None)
    for error in PROBLEMS:
        app.add_exception_handler(error, answer_problem)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_middleware(_FailureAnswerer, log=log)

    pinned = Pinned(store, log, max_rows=settings.max_rows)
    scorers = Scorers(champions, pinned, settings.default_model)
    answerer = Answerer(scorers, log, settings)
    # Plain Starlette routes: the body is read with the model's own contract, and docs.py tells its type.
    for protocol in PROTOCOLS:
        for path in protocol.paths:
            app.add_route(path, partial(answerer.answer, protocol), methods=["POST"], include_in_schema=False)
        app.router.routes.extend(protocol.routes(scorers))

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

    add_docs(app, catalog, settings)
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
            self._log.failed(error, request_ids(request))
            await answer_failure(request)(scope, receive, send)


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
