"""/openapi.json and /docs. What they need is imported at the first request: no prediction needs it."""

import asyncio
from typing import Any

from fastapi import FastAPI
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mlops.serving.docs.models import Catalog
from mlops.serving.settings import ApiSettings


def add_docs(app: FastAPI, catalog: Catalog, settings: ApiSettings) -> None:
    """Add the paths to the application, and make the document what its `openapi` method returns."""

    def describe() -> dict[str, Any]:
        from mlops.serving.docs.document import describe_api

        return describe_api(app, catalog, settings)

    async def openapi(request: Request) -> Response:
        # In a thread: it reads the registry.
        return await asyncio.to_thread(catalog.documents.answer, request, "openapi", lambda: to_json(app.openapi()))

    async def page(_: Request) -> Response:
        from mlops.serving.docs.page import PAGE

        return HTMLResponse(PAGE)

    async def asset(request: Request) -> Response:
        from mlops.serving.docs.page import send_asset

        return send_asset(request.path_params["name"], request.headers.get("accept-encoding", ""))

    app.openapi = describe  # type: ignore[method-assign]  # as FastAPI's documentation extends it
    app.add_route("/openapi.json", openapi)
    app.add_route("/docs", page)
    app.add_route("/docs/{name}", asset)
