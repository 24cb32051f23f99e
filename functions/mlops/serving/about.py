"""What is told of the models to people and their tools. It is made at the first question: no prediction needs it, and
importing FastAPI takes as long as importing all the rest.
"""

import asyncio
from threading import Lock
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from mlops.registry.store import Store
from mlops.serving.problems import HANDLERS
from mlops.settings import ApiSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

PATHS = ("/models", "/models/{model}", "/openapi.json", "/docs", "/docs/{name}")


class About:
    """Answers GET on PATHS, with the guard that the application around it has."""

    def __init__(self, store: Store, settings: ApiSettings, guard: Middleware) -> None:
        self._store = store
        self._settings = settings
        self._guard = guard
        self._lock = Lock()
        self._app: FastAPI | None = None

    def routes(self) -> list[Route]:
        """The paths, for the application around it."""
        return [Route(path, self, methods=["GET"]) for path in PATHS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # In a thread, so that predictions go on meanwhile.
        app = await asyncio.to_thread(self._open) if self._app is None else self._app
        await app(scope, receive, send)

    def _open(self) -> "FastAPI":
        with self._lock:
            if self._app is None:
                self._app = self._make()
            return self._app

    def _make(self) -> "FastAPI":
        from fastapi import FastAPI

        from mlops.serving.docs.catalog import Catalog, add_catalog
        from mlops.serving.docs.document import add_docs

        app = FastAPI(
            title="Predictions",
            version="1",
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            exception_handlers=dict(HANDLERS),
            middleware=[self._guard],
        )
        catalog = Catalog(self._store, self._settings.default_model)
        add_catalog(app, catalog)
        add_docs(app, catalog, self._settings)
        return app
