"""The interactive page, Swagger UI, which needs no other host."""

import gzip
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

# Swagger UI comes with Powertools, which is in the layer anyway.
_ASSETS = "event_handler/openapi/swagger_ui"
_FILES = {
    "swagger-ui.js": ("swagger-ui-bundle.min.js", "text/javascript"),
    "swagger-ui.css": ("swagger-ui.min.css", "text/css"),
}
_FOREVER = "public, max-age=604800"

PAGE = """<!doctype html>
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


def send_asset(name: str, accepted_encodings: str) -> Response:
    """One of the page's files, compressed where the client takes that. Raises HTTPException with status 404."""
    if name not in _FILES:
        raise HTTPException(404)
    headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
    content = _read_asset(name)
    if "gzip" in accepted_encodings:
        content = _compress_asset(name)
        headers["content-encoding"] = "gzip"
    return Response(content, headers=headers, media_type=_FILES[name][1])


def _read_asset(name: str) -> bytes:
    package = find_spec("aws_lambda_powertools")
    assert package is not None
    assert package.origin is not None
    return (Path(package.origin).parent / _ASSETS / _FILES[name][0]).read_bytes()


@lru_cache
def _compress_asset(name: str) -> bytes:
    return gzip.compress(_read_asset(name), mtime=0)
