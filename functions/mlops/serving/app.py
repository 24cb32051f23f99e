"""The API: which path does what."""

from functools import partial

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops.registry.store import Store
from mlops.serving import health
from mlops.serving.answer import Answerer, request_ids
from mlops.serving.docs.catalog import Catalog, add_catalog
from mlops.serving.docs.document import add_docs
from mlops.serving.live.champions import Champions
from mlops.serving.live.pinned import Pinned
from mlops.serving.live.scorers import Scorers
from mlops.serving.log import ServingLog
from mlops.serving.problems import HANDLERS, answer_failure
from mlops.serving.protocols import PROTOCOLS
from mlops.settings import ApiSettings


def create_app(settings: ApiSettings, store: Store, champions: Champions, log: ServingLog) -> FastAPI:
    """The API over the models of the registry in `store`."""
    pinned = Pinned(store, log, max_rows=settings.max_rows)
    scorers = Scorers(champions, pinned, settings.default_model)
    answerer = Answerer(scorers, log, settings, store)
    routes: list[Route] = []
    # These read a body by the model's own contract. So they are plain routes of Starlette's, without FastAPI's parsing.
    for protocol in PROTOCOLS:
        answer = partial(answerer.answer, protocol)
        routes += [Route(path, answer, methods=["POST"]) for path in protocol.paths]
        routes += protocol.routes(scorers)
    routes += [
        health.make_route(settings.default_model, champions),
        Route("/", _lead_to_docs, methods=["GET"]),
    ]
    app = FastAPI(
        title="Predictions",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        routes=[*routes],
        exception_handlers=dict(HANDLERS),
        middleware=[Middleware(_FailureAnswerer, log=log)],
    )
    catalog = Catalog(store, settings.default_model)
    add_catalog(app, catalog)
    add_docs(app, catalog, settings)
    return app


async def _lead_to_docs(_: Request) -> RedirectResponse:
    return RedirectResponse("/docs")


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
