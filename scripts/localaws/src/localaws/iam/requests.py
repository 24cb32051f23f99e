"""Which actions on which resources an HTTP request to the AWS endpoint asks for.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

from localaws.iam import s3_requests
from localaws.iam.asked import Asked, Operation
from localaws.iam.http_request import HttpRequest
from localaws.iam.passed_roles import TAKERS, passed_roles
from localaws.iam.resources import RESOURCES

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_SCOPE = re.compile(r"(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
# The service of a signature → botocore's services whose operations are signed for it, where there's another or more.
_SIGNED_FOR = {"apigateway": ("apigateway", "apigatewayv2")}
_RPC = re.compile(r"/service/[^/]+/operation/(?P<operation>\w+)")


@dataclass(frozen=True)
class Signed:
    """What a signature says: the access key, the region and the service."""

    access_key: str
    region: str
    service: str


def signed(request: HttpRequest, region: str) -> Signed | None:
    """The scope of a request's signature, in its header or its query; None if it isn't signed.

    `region` is where one that names none is meant for.
    """
    found = _CREDENTIAL.search(request.headers.get("authorization", ""))
    if not found and "X-Amz-Credential" in request.query:
        found = _SCOPE.fullmatch(request.query["X-Amz-Credential"][0])
    if not found and "AWSAccessKeyId" in request.query:
        # Version 2, in which boto3 presigns S3's URLs unless it's told otherwise.
        return Signed(request.query["AWSAccessKeyId"][0], region, "s3")
    return Signed(found["key"], found["region"], found["service"]) if found else None


def asked(request: HttpRequest, scope: Signed, account: str) -> list[Asked] | None:
    """The actions that a request needs, all of them; None if this service isn't looked at."""
    if scope.service == "s3":
        return list(s3_requests.asked(request))
    derive = RESOURCES.get(scope.service)
    if derive is None and scope.service not in TAKERS:
        return None
    operation = _operation(request, scope.service)
    if operation is None:
        return None
    prefix = f"arn:aws:{scope.service}:{scope.region}:{account}"
    return [*(derive(operation, prefix) if derive else ()), *passed_roles(scope.service, operation, prefix)]


def _operation(request: HttpRequest, service: str) -> Operation | None:
    """The name and parameters of an operation, in whichever protocol it came."""
    target = request.headers.get("x-amz-target")
    if target:
        return Operation(target.rpartition(".")[2], _document(request))
    if found := _RPC.fullmatch(request.path):
        # Of a CBOR body only the name is needed: CloudWatch's actions have no resources but alarms.
        return Operation(found["operation"], {})
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    values = parse_qs(request.read().decode()) if form and request.method == "POST" else dict(request.query)
    if "Action" in values:
        return Operation(values["Action"][0], {name: given[0] for name, given in values.items()})
    return _rest_operation(request, service)


def _document(request: HttpRequest) -> dict[str, Any]:
    """The members of a body of JSON; none for a body that's another value, which its service refuses.

    Raises JSONDecodeError.
    """
    body = request.read()
    document = json.loads(body.decode("utf-8", "replace")) if body else {}
    return document if isinstance(document, dict) else {}


@dataclass(frozen=True)
class _RestOperation:
    """An operation of a REST service, whose path has a group for each of its `parameters`; it needs the `query` too.

    `payload` is the member that its body is; without one the body is JSON of members.
    """

    method: str
    path: re.Pattern[str]
    query: Mapping[str, list[str]]
    parameters: tuple[str, ...]
    name: str
    payload: str | None

    def members(self, request: HttpRequest, service: str) -> dict[str, Any]:
        """What the body gives; of a payload only what may hold roles, since it may be large."""
        if self.payload is None:
            return _document(request)
        takes_roles = self.name in TAKERS.get(service, {})
        return {self.payload: request.read().decode("utf-8", "replace")} if takes_roles else {}


def _rest_operation(request: HttpRequest, service: str) -> Operation | None:
    for each in _rest_operations(service):
        found = each.path.fullmatch(request.path) if each.method == request.method else None
        if found and each.query.items() <= request.query.items():
            given = dict(zip(each.parameters, map(unquote, found.groups()), strict=True))
            query = {key: values[0] for key, values in request.query.items()}
            return Operation(each.name, {**each.members(request, service), **query, **given})
    return None


@cache
def _rest_operations(service: str) -> tuple[_RestOperation, ...]:
    """The operations of a REST service, those of the most particular paths and queries first."""
    found = (each for name in _SIGNED_FOR.get(service, (service,)) for each in _read_operations(name))
    return tuple(sorted(found, key=lambda each: (-len(each.path.pattern), -len(each.query))))


def _read_operations(service: str) -> Iterator[_RestOperation]:
    from botocore.loaders import create_loader

    model = create_loader().load_service_model(service, "service-2")
    for name, operation in model["operations"].items():
        http: dict[str, Any] = operation["http"]
        path, _, query = http["requestUri"].partition("?")
        parts = re.split(r"\{([^}]+)\}", path)
        groups = ["(.+)" if name.endswith("+") else "([^/]+)" for name in parts[1::2]]
        pattern = "".join(each for pair in zip(map(re.escape, parts[::2]), [*groups, ""], strict=True) for each in pair)
        parameters = tuple(name.rstrip("+") for name in parts[1::2])
        payload = model["shapes"][operation["input"]["shape"]].get("payload") if "input" in operation else None
        whole = re.compile(pattern.rstrip("/") + "/?")
        needed = parse_qs(query, keep_blank_values=True)
        yield _RestOperation(http["method"], whole, needed, parameters, name, payload)
