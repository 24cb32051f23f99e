"""What local AWS supports of REST APIs. Templates and requests to the API are refused by the same rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localaws.http import access_log
from localaws.rest import mapping, templates
from localaws.rest.errors import BadRequest
from localaws.rest.models import schema_problem
from localaws.rest.resource_policy import check_policy
from localaws.rest.store import Document

Where = tuple[str | int, ...]
Problem = tuple[Where, str]
INTEGRATIONS = ("AWS_PROXY", "AWS", "MOCK", "HTTP", "HTTP_PROXY")
AUTHORIZATIONS = ("NONE", "AWS_IAM", "CUSTOM")
AUTHORIZERS = ("TOKEN", "REQUEST")
_FUNCTION = re.compile(r":lambda:path/[^/]+/functions/(?P<function>.+)/invocations$")
_SERVICE = re.compile(
    r"^arn:aws[\w-]*:apigateway:[^:]*:(?P<service>[\w.-]+):(?P<how>path|action)/(?P<rest>.*)$", re.DOTALL
)
# Members with one supported value, and what's said of others.
_ONLY = (
    ("connectionType", "INTERNET", "VPC links aren't supported"),
    ("responseTransferMode", "BUFFERED", "streamed responses aren't supported"),
    ("contentHandling", "CONVERT_TO_TEXT", "only contentHandling CONVERT_TO_TEXT is supported"),
)
_STAGE_KINDS = frozenset({"EDGE", "REGIONAL", "PRIVATE"})


def function_of(uri: str) -> str | None:
    """The ARN or name of the function in an integration's or authorizer's URI, or None."""
    found = _FUNCTION.search(uri)
    return found["function"] if found else None


def service_of(uri: str) -> tuple[str, str, str] | None:
    """The service of an integration's URI, whether a `path` or an `action` follows, and which; or None."""
    found = _SERVICE.match(uri)
    return (found["service"].rpartition(".")[2], found["how"], found["rest"]) if found else None


def integration_problems(integration: Mapping[str, Any]) -> Iterator[Problem]:
    """What's unsupported in an integration, with its place; values that aren't known yet aren't strings."""
    yield from _target_problems(integration.get("type"), integration.get("uri"))
    for name, supported, what in _ONLY:
        if integration.get(name, supported) != supported:
            yield (name,), what
    for target, source in _items(integration.get("requestParameters")):
        if isinstance(source, str):
            yield from ((("requestParameters", target), what) for what in mapping.request_problems(target, source))
    yield from _template_problems(("requestTemplates",), integration.get("requestTemplates"))
    for status, response in _items(integration.get("integrationResponses")):
        place: Where = ("integrationResponses", status)
        yield from (((*place, *inner), what) for inner, what in response_problems(response))


def _target_problems(kind: Any, uri: Any) -> Iterator[Problem]:
    if isinstance(kind, str) and kind not in INTEGRATIONS:
        yield ("type",), f"local AWS supports integrations of type {', '.join(INTEGRATIONS)}, not {kind}"
    if kind == "AWS_PROXY" and isinstance(uri, str) and function_of(uri) is None:
        yield ("uri",), f"an AWS_PROXY integration calls a Lambda function, not {uri}"
    if kind == "AWS" and isinstance(uri, str) and function_of(uri) is None and service_of(uri) is None:
        yield ("uri",), f"{uri} names no AWS service"
    if kind in ("HTTP", "HTTP_PROXY") and isinstance(uri, str) and not uri.startswith(("http://", "https://", "$")):
        yield ("uri",), f"{uri} isn't an HTTP endpoint"


def response_problems(response: Any) -> Iterator[Problem]:
    """What's unsupported in an integration response."""
    if not isinstance(response, Mapping):
        return
    if response.get("contentHandling", "CONVERT_TO_TEXT") != "CONVERT_TO_TEXT":
        yield ("contentHandling",), "only contentHandling CONVERT_TO_TEXT is supported"
    for target, source in _items(response.get("responseParameters")):
        if isinstance(source, str):
            yield from ((("responseParameters", target), what) for what in mapping.response_problems(target, source))
    yield from _template_problems(("responseTemplates",), response.get("responseTemplates"))


def _template_problems(where: Where, given: Any) -> Iterator[Problem]:
    for kind, text in _items(given):
        if isinstance(text, str):
            for line, what in templates.problems(text):
                yield (*where, kind), f"line {line} of the mapping template: {what}"


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    return iter(value.items()) if isinstance(value, Mapping) else iter(())


def check_part(integration: Mapping[str, Any]) -> None:
    """Raise BadRequest if a part of an integration isn't supported."""
    for where, what in integration_problems(integration):
        raise BadRequest(f"{'.'.join(map(str, where))}: {what}")


def check_integration(integration: Mapping[str, Any]) -> None:
    """Raise BadRequest if an integration isn't supported, or lacks what its type needs."""
    check_part(integration)
    if integration["type"] != "MOCK" and not integration.get("uri"):
        raise BadRequest("Uri is required for this integration type")
    if integration["type"] not in ("MOCK", "AWS_PROXY") and not integration.get("httpMethod"):
        raise BadRequest("Enumeration value for HttpMethod must be non-empty")


def check_method(method: Mapping[str, Any]) -> None:
    """Raise BadRequest if a method's authorization isn't supported."""
    kind = method.get("authorizationType")
    if kind not in AUTHORIZATIONS:
        raise BadRequest(f"Local AWS supports authorizationType {', '.join(AUTHORIZATIONS)}, not {kind}.")
    if kind == "CUSTOM" and not method.get("authorizerId"):
        raise BadRequest(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM requires a valid authorizer."
        )


def check_authorizer(authorizer: Mapping[str, Any]) -> None:
    """Raise BadRequest if an authorizer isn't supported or isn't valid."""
    kind = authorizer.get("type")
    if kind not in AUTHORIZERS:
        raise BadRequest(f"Local AWS supports authorizers of type {' and '.join(AUTHORIZERS)}, not {kind}.")
    if function_of(authorizer.get("authorizerUri") or "") is None:
        raise BadRequest("Invalid Authorizer URI: it must name a Lambda function.")
    ttl = authorizer.get("authorizerResultTtlInSeconds", 300)
    if not 0 <= ttl <= 3600:
        raise BadRequest("Authorizer result TTL must be between 0 and 3600 seconds.")
    sources = mapping.identity_sources(authorizer.get("identitySource") or "")
    if sources is None:
        raise BadRequest(f"Invalid identity source: {authorizer['identitySource']}")
    if not sources and (kind == "TOKEN" or ttl):
        raise BadRequest("An identity source is required for a TOKEN authorizer, and for one with caching.")


def check_model(model: Mapping[str, Any]) -> None:
    """Raise BadRequest if a model's schema isn't a JSON schema of draft 4."""
    reason = schema_problem(model.get("schema") or "{}")
    if reason:
        raise BadRequest(f"Invalid model specified: Validation Result: warnings : [], errors : [{reason}]")


def check_gateway_response(response: Mapping[str, Any]) -> None:
    """Raise BadRequest for parameters that a gateway response can't have."""
    for target in response.get("responseParameters") or {}:
        if not target.startswith("gatewayresponse.header."):
            raise BadRequest(f"Local AWS supports parameters gatewayresponse.header.NAME, not {target}.")


def check_settings(document: Mapping[str, Any]) -> None:
    """Raise BadRequest for settings that an API can't have."""
    kinds = (document.get("endpointConfiguration") or {}).get("types") or []
    if not set(kinds) <= _STAGE_KINDS:
        raise BadRequest(f"Invalid endpoint configuration types: {', '.join(kinds)}")
    if document.get("apiKeySource", "HEADER") not in ("HEADER", "AUTHORIZER"):
        raise BadRequest(f"Invalid apiKeySource: {document['apiKeySource']}")
    if document.get("policy"):
        check_policy(document["policy"])


def check_stage(stage: Mapping[str, Any]) -> None:
    """Raise BadRequest for what a stage can't have."""
    if stage.get("canarySettings"):
        raise BadRequest("Local AWS doesn't support canarySettings of a stage.")
    wrong = access_log.problem(stage.get("accessLogSettings") or {})
    if wrong:
        raise BadRequest(wrong)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", stage["stageName"]):
        raise BadRequest("Stage name only allows a-zA-Z0-9_-")


def check_plan(plan: Document) -> None:
    """Raise BadRequest for limits that a usage plan can't have."""
    quota = plan.get("quota")
    if quota and quota.get("period") not in ("DAY", "WEEK", "MONTH"):
        raise BadRequest("Usage Plan quota period must be DAY, WEEK or MONTH")
    if plan.get("throttle") and not plan["throttle"].get("rateLimit"):
        raise BadRequest("Usage Plan throttle rate limit must be set")


def check_domain(domain: Mapping[str, Any]) -> None:
    """Raise BadRequest for what a custom domain can't have."""
    if domain.get("mutualTlsAuthentication"):
        raise BadRequest("Local AWS doesn't support mutual TLS.")
