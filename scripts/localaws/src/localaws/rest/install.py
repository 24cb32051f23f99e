"""Puts the REST APIs in the place of moto's, which it neither serves nor deploys."""

from __future__ import annotations

from typing import Any

from moto.apigatewayv2 import urls

from localaws.moto_patches import MotoPatches
from localaws.rest.api.apis import ApiOperations
from localaws.rest.api.domains import DomainOperations
from localaws.rest.api.parts import PartOperations
from localaws.rest.api.plans import PlanOperations
from localaws.rest.api.stages import StageOperations
from localaws.rest.service import RestService

_PATHS = (
    "account",
    "apikeys",
    "clientcertificates",
    "domainnameaccessassociations",
    "domainnames",
    "restapis",
    "sdktypes",
    "tags",
    "usageplans",
    "vpclinks",
)


def install(patches: MotoPatches, service: RestService) -> None:
    """Add the request handler for REST APIs to moto's for HTTP APIs, before the first request for it.

    The endpoint sends the requests for both there: moto's own for REST APIs takes long to import.
    """

    class Operations(ApiOperations, PartOperations, StageOperations, PlanOperations, DomainOperations):
        pass

    Operations.service = service
    handlers: dict[str, Any] = {f"{{0}}/{path}$": Operations.dispatch for path in _PATHS}
    handlers |= {f"{{0}}/{path}/(?P<rest>.+)$": Operations.dispatch for path in _PATHS}
    patches.replace(urls, "url_paths", lambda http_apis: {**handlers, **http_apis})
