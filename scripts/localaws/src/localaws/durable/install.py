"""Adds the API of durable executions to moto's Lambda, and lets calls of durable functions be executions."""

from __future__ import annotations

from typing import Any

from moto.awslambda import urls

from localaws.durable.api import DurableHandler
from localaws.durable.engine import DurableExecutions
from localaws.moto_patches import MotoPatches

_PATHS = ("durable-executions", "durable-execution-callbacks")


def install(patches: MotoPatches, executions: DurableExecutions) -> None:
    """Add the operations, before the first request for Lambda."""

    class Handler(DurableHandler):
        pass

    Handler.executions = executions
    added: dict[str, Any] = {f"{{0}}/2025-12-01/{path}/(?P<rest>.+)$": Handler.dispatch for path in _PATHS}
    listing = "{0}/2025-12-01/functions/(?P<function_name>.+)/durable-executions$"
    patches.replace(urls, "url_paths", lambda paths: {**added, listing: Handler.dispatch, **paths})
