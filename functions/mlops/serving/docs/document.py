"""The OpenAPI document, with each champion's columns in it, and the interactive page, which needs no other host."""

import gzip
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from obstore.exceptions import BaseError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from mlops.errors import AliasInvalid, ArtifactInvalid, VersionNotFound
from mlops.serving.docs.catalog import Catalog
from mlops.serving.docs.schemas import PROBLEM_SCHEMA, problem_content, with_examples
from mlops.serving.health import describe_health
from mlops.serving.protocols import PROTOCOLS
from mlops.serving.protocols.protocol import Described
from mlops.settings import ApiSettings

# Swagger UI comes with Powertools, which is in the layer anyway.
_ASSETS = "event_handler/openapi/swagger_ui"
_FILES = {
    "swagger-ui.js": ("swagger-ui-bundle.min.js", "text/javascript"),
    "swagger-ui.css": ("swagger-ui.min.css", "text/css"),
}
_FOREVER = "public, max-age=604800"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Predictions</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui.js"></script>
<script>
SwaggerUIBundle({url: "openapi.json", dom_id: "#docs", deepLinking: true, tryItOutEnabled: true, validatorUrl: null})
</script>
</body>
</html>
"""

_INTRODUCTION = (
    "Predictions of the models in the registry. Each model answers with its champion, the version that passed "
    "its gates; a promotion or rollback reaches this API within seconds. Errors are problem documents (RFC 9457).\n\n"
    "All paths that predict give the same answer to the same rows.\n\n"
    "| limit | of a request | of its answer |\n| --- | --- | --- |\n"
    "| rows | {rows:,}; {explained:,} with `explain=true` | one a row |\n"
    "| bytes | {bytes:,} | {answer:,} |\n"
    "| columns | those of the model's contract | |\n\n"
    "More is answered with 413: split it. Bytes are counted before anything is parsed. Lambda itself takes 6 MB, of "
    "which base64 costs a binary body a quarter, and API Gateway 10 MB; beyond that they answer in their own form."
)


def add_docs(app: FastAPI, catalog: Catalog, settings: ApiSettings) -> None:
    """Give the application /openapi.json and /docs."""

    @app.get("/openapi.json", include_in_schema=False)
    def tell_openapi() -> JSONResponse:
        return JSONResponse(describe_api(app, catalog, settings))

    @app.get("/docs", include_in_schema=False)
    async def show_docs() -> HTMLResponse:
        return HTMLResponse(_PAGE)

    for name in _FILES:
        app.add_api_route(f"/docs/{name}", _asset_route(name), include_in_schema=False)


def describe_api(app: FastAPI, catalog: Catalog, settings: ApiSettings) -> dict[str, Any]:
    """The OpenAPI 3.1 document, true for the champions of this moment."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary="Rows in, predictions out",
        description=_INTRODUCTION.format(
            rows=settings.max_rows,
            explained=settings.max_explained_rows,
            bytes=settings.max_body_bytes,
            answer=settings.max_answer_bytes,
        ),
        routes=app.routes,
    )
    paths = document.setdefault("paths", {})
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own: here they are problem documents
        schemas.pop(name, None)
    predicts: dict[str, Any] = {}
    for model in catalog.names():
        described = _describe_model(catalog, model, settings.max_rows)
        for protocol in PROTOCOLS:
            predicts |= protocol.describe(described)
    for path in paths.values():
        for operation in path.values():
            _document_problems(operation)
    document["paths"] = predicts | paths | describe_health()
    return document


def _describe_model(catalog: Catalog, model: str, max_rows: int) -> Described:
    """The champion's contract and example. One damaged model doesn't take the whole document away."""
    untrained = Described(model, max_rows, is_default=model == catalog.default_model)
    try:
        found = catalog.contract(model)
    except (ArtifactInvalid, AliasInvalid, VersionNotFound, BaseError):
        return untrained
    if found is None:
        return untrained
    version, contract, example = found
    return replace(untrained, version=version, contract=with_examples(contract, example), example=example)


def _document_problems(operation: dict[str, Any]) -> None:
    """What FastAPI would document as its own validation error is a problem document here."""
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {
        "description": "A problem document",
        "content": problem_content(),
    }


def _asset_route(name: str) -> Any:
    async def send_asset(request: Request) -> Response:
        headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
        content = _read_asset(name)
        if "gzip" in request.headers.get("accept-encoding", ""):
            content = _compress_asset(name)
            headers["content-encoding"] = "gzip"
        return Response(content, headers=headers, media_type=_FILES[name][1])

    return send_asset


def _read_asset(name: str) -> bytes:
    package = find_spec("aws_lambda_powertools")
    assert package is not None
    assert package.origin is not None
    return (Path(package.origin).parent / _ASSETS / _FILES[name][0]).read_bytes()


@lru_cache
def _compress_asset(name: str) -> bytes:
    return gzip.compress(_read_asset(name), mtime=0)
