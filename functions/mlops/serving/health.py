"""GET /health: the versions that answer now, and what is wrong; 503 if none answers."""

from contextlib import suppress
from time import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from mlops.errors.serving import ModelUnavailable
from mlops.serving.live.served_models import ServedModels

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["status", "default_model", "models"],
    "properties": {
        "status": {"type": "string", "enum": ["ok", "degraded", "unavailable"]},
        "default_model": {"type": "string"},
        "models": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "version", "fault"],
                "properties": {
                    "name": {"type": "string"},
                    "version": {"type": ["integer", "null"], "description": "What answers now, if anything does."},
                    "fault": {"type": ["string", "null"], "description": "Why it isn't the champion."},
                    "challenger": {
                        "type": "object",
                        "description": "Who is tried beside it, if anyone is.",
                        "required": ["version", "share", "fault"],
                        "properties": {
                            "version": {"type": ["integer", "null"]},
                            "share": {"type": "number", "description": "The part of the requests that it answers."},
                            "fault": {"type": ["string", "null"], "description": "Why it can't be used."},
                        },
                    },
                },
            },
        },
    },
}


def make_route(default_model: str, served: ServedModels) -> Route:
    """The path. A model without a version in memory is looked for first, so this may wait for the registry."""

    def report_health(_: Request) -> JSONResponse:
        models: list[dict[str, Any]] = []
        for follower in served.champions():
            with suppress(ModelUnavailable):  # its fault is reported below
                follower.require()
            follower.poll_if_due()
            version = follower.scorer.manifest.version if follower.scorer else None
            models.append({"name": follower.model, "version": version, "fault": follower.fault})
            challenger = served.challenger(follower.model)
            challenger.poll_if_due()
            if challenger.scorer or challenger.fault:
                models[-1]["challenger"] = {
                    "version": challenger.scorer.manifest.version if challenger.scorer else None,
                    "share": challenger.share if version is None else challenger.share_against(version, time()),
                    "fault": challenger.fault,
                }
        can_answer = any(model["version"] is not None for model in models)
        is_faultless = all(model["fault"] is None for model in models)
        status = ("ok" if is_faultless else "degraded") if can_answer else "unavailable"
        document = {"status": status, "default_model": default_model, "models": models}
        return JSONResponse(document, 200 if can_answer else 503)

    return Route("/health", report_health, methods=["GET"])


def describe_health() -> dict[str, Any]:
    """The path for the OpenAPI document."""
    content = {"application/json": {"schema": _SCHEMA}}
    operation = {
        "operationId": "health",
        "tags": ["health"],
        "summary": "What is served",
        "description": "The versions that answer now; 503 if none does.",
        "responses": {
            "200": {"description": "At least one model answers", "content": content},
            "503": {"description": "No model can answer", "content": content},
        },
    }
    return {"/health": {"get": operation}}
