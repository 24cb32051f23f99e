"""What an API doesn't offer to anybody: explanations, particular versions, its docs."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops.authorization.needs import extras_of
from mlops.errors.serving import SwitchedOff
from mlops.serving.authorization.scopes import route_path
from mlops.serving.problems import answer_problem
from mlops.serving.settings import ApiSettings

_DOCS = ("/", "/docs", "/openapi.json")


class Switches:
    """Answers 404 with the reason in place of the application, where a request wants what is switched off."""

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        self._app = app
        self._off = switched_off(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (error := self._find(route_path(scope), scope["query_string"])):
            await answer_problem(Request(scope), error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _find(self, path: str, query: bytes) -> SwitchedOff | None:
        wanted: list[str] = [*extras_of(path, query)]
        if path in _DOCS or path.startswith("/docs/"):
            wanted.append("docs")
        return next((self._off[name] for name in wanted if name in self._off), None)


def switched_off(settings: ApiSettings) -> Mapping[str, SwitchedOff]:
    """What the settings switch off, with the error that says so."""
    offers = {
        "explain": (settings.offer_explanations, "explanations", "OFFER_EXPLANATIONS"),
        "versions": (settings.offer_versions, "particular versions", "OFFER_VERSIONS"),
        "docs": (settings.offer_docs, "docs", "OFFER_DOCS"),
    }
    return {name: SwitchedOff(what, setting) for name, (on, what, setting) in offers.items() if not on}


def withhold(document: dict[str, Any], settings: ApiSettings) -> None:
    """Leave out of an OpenAPI document what is switched off."""
    paths: dict[str, Any] = document["paths"]
    for path in [*paths]:
        if not settings.offer_versions and "/versions/{version}" in path:
            del paths[path]
    if settings.offer_explanations:
        return
    for item in paths.values():
        for operation in item.values():
            given = operation.get("parameters", []) if isinstance(operation, dict) else []
            given[:] = [each for each in given if each["name"] != "explain"]
