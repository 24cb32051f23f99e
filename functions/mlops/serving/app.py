"""The application: which path does what."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from mlops.registry.store import Store
from mlops.serving import health
from mlops.serving.answer import Answerer
from mlops.serving.docs.models import Catalog, add_models
from mlops.serving.docs.routes import add_docs
from mlops.serving.failures import FailureReporter
from mlops.serving.feedback import Feedback
from mlops.serving.heads import HeadAnswerer
from mlops.serving.hot_paths import HotEndpoint, HotPaths
from mlops.serving.late_recommendations import LateRecommendations
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.problems import HANDLERS
from mlops.serving.protocols import PROTOCOLS
from mlops.serving.protocols.protocol import ClientProtocol
from mlops.serving.settings import ApiSettings
from mlops.serving.slashes import redirect_slash
from mlops.serving.switches import Switches, switched_off

if TYPE_CHECKING:
    from mlops.authorization.check import Checker
    from mlops.serving.recommend.recent import RecentEvents


def create_app(
    settings: ApiSettings,
    store: Store,
    models: ServedModels,
    log: ServingLog,
    open_records: Callable[[], Store] | None = None,
    open_recent: "Callable[[], RecentEvents] | None" = None,
    checker: "Checker | None" = None,
) -> FastAPI:
    """The API over the models of the registry in `store`, which puts feedback where `open_records` leads.

    `open_recent` makes a client of the table of recent events, which recommenders read. Authorization by keys needs a
    `checker` of them; raises ValueError without one.
    """
    if checker is None and settings.authorization == "keys":
        raise ValueError("Authorization by keys needs what checks them.")
    recommendations = LateRecommendations(models, log, settings, store, open_records, open_recent)
    app = _Application(
        models,
        log,
        settings,
        checker,
        title="Predictions",
        version="1",
        openapi_url=None,  # routes of our own serve the document and its page, which needs no other host
        # Records and metrics are our own (log.py). FastAPI's cost each request 8 µs even if nobody reads them.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        routes=[
            *_make_routes(settings, store, models, log, recommendations),
            Feedback(models, log, settings.max_body_bytes, open_records, recommendations).route,
        ],
        exception_handlers=dict(HANDLERS),
        middleware=[Middleware(HeadAnswerer)],
        redirect_slashes=False,
    )
    app.router.default = redirect_slash
    catalog = Catalog(store, settings, models.names)
    add_models(app, catalog)
    add_docs(app, catalog, settings)
    return app


class _Application(FastAPI):
    """FastAPI's application, every failure of which is reported, also where middleware that was added fails."""

    def __init__(
        self,
        models: ServedModels,
        log: ServingLog,
        settings: ApiSettings,
        checker: "Checker | None",
        **options: Any,
    ) -> None:
        self._models = models
        self._log = log
        self._settings = settings
        self._checker = checker
        super().__init__(**options)
        self._own_middleware = len(self.user_middleware)

    def build_middleware_stack(self) -> ASGIApp:
        """FastAPI's stack; around it hot paths, what isn't offered, the check of who asks, and a report of failures."""
        stack = super().build_middleware_stack()
        if len(self.user_middleware) == self._own_middleware:  # what others add sees every request
            stack = HotPaths(stack, self.router.routes)
        if switched_off(self._settings):
            stack = Switches(stack, self._settings)
        if self._checker:
            from mlops.serving.authorization.middleware import KeyGuard

            stack = KeyGuard(stack, self._checker, self._settings)
        elif self._settings.authorization == "iam":
            from mlops.serving.authorization.signatures import SignatureGuard

            stack = SignatureGuard(stack)
        return FailureReporter(stack, self._models, self._log)


def _make_routes(
    settings: ApiSettings, store: Store, models: ServedModels, log: ServingLog, recommendations: LateRecommendations
) -> list[BaseRoute]:
    """The paths of the protocols, and /health.

    They are plain routes of Starlette's: a protocol reads a body by the contract of the model that answers, and no
    prediction pays for FastAPI's parsing.
    """
    answerer = Answerer(models, log, settings, store, recommendations)
    hot: list[BaseRoute] = []
    others: list[BaseRoute] = []
    for protocol in PROTOCOLS:
        endpoint = _endpoint(answerer, protocol)
        hot += [Route(path, endpoint, methods=["POST"]) for path in protocol.paths]
        others += protocol.routes(models)
    # Routes are tried one after the other, at a microsecond each.
    return [
        *hot,
        *recommendations.routes,
        *others,
        health.make_route(settings.default_model, models),
        Route("/", _redirect_to_docs, methods=["GET"]),
    ]


def _endpoint(answerer: Answerer, protocol: ClientProtocol) -> HotEndpoint:
    """What answers the requests of a protocol."""

    def answer(request: Request) -> Awaitable[Response]:
        return answerer.answer(protocol, request)

    return HotEndpoint(answer)


async def _redirect_to_docs(_: Request) -> RedirectResponse:
    return RedirectResponse("/docs")
