"""Checks REST APIs: integrations, mapping templates, authorizers and OpenAPI documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localaws.rest.aws_variables import resolved
from localaws.rest.mapping import identity_sources
from localaws.rest.support import AUTHORIZERS, integration_problems
from localaws.template.load import Where
from localaws.template.openapi import INTEGRATION, operations
from localaws.validation.findings import Findings

_PREFIX = "x-amazon-apigateway-"
_ANY_REGION = "us-east-1"


def check_rest_api(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check an AWS::ApiGateway::RestApi."""
    _document(findings, (*where, "Body"), properties.get("Body"))


def check_api(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check an AWS::Serverless::Api."""
    _document(findings, (*where, "DefinitionBody"), properties.get("DefinitionBody"))


def check_method(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check an AWS::ApiGateway::Method: its integration, in the API's spelling."""
    integration = properties.get("Integration")
    if not isinstance(integration, Mapping):
        return
    given: dict[str, Any] = {f"{name[:1].lower()}{name[1:]}": value for name, value in integration.items()}
    for name in ("type", "connectionType", "responseTransferMode"):
        given.pop(name, None)  # checked by the rules of the type
    given["type"] = integration.get("Type")
    responses = integration.get("IntegrationResponses")
    given["integrationResponses"] = {
        index: {f"{name[:1].lower()}{name[1:]}": value for name, value in response.items()}
        for index, response in enumerate(responses if isinstance(responses, list) else [])
        if isinstance(response, Mapping)
    }
    for place, what in integration_problems(given):
        if place != ("type",):
            findings.refuse((*where, "Integration", *_capitalized(place)), what)


def check_authorizer(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check an AWS::ApiGateway::Authorizer."""
    source = properties.get("IdentitySource")
    if isinstance(source, str) and identity_sources(source) is None:
        findings.refuse((*where, "IdentitySource"), f"{source} isn't an identity source")


def _capitalized(place: Where) -> Iterator[str | int]:
    for index, step in enumerate(place):
        spelled = isinstance(step, str) and (index == 0 or (index == 2 and place[0] == "integrationResponses"))
        yield f"{str(step)[:1].upper()}{str(step)[1:]}" if spelled else step


def _document(findings: Findings, where: Where, body: Any) -> None:
    """Check an OpenAPI document, as far as its values are known."""
    if not isinstance(body, Mapping):
        return
    # The checks don't depend on the region.
    body = resolved(body, _ANY_REGION)
    for path, verb, operation in operations(body):
        place = (*where, "paths", path, verb)
        integration = operation.get(INTEGRATION)
        if isinstance(integration, Mapping):
            for inner, what in integration_problems(_in_order(integration)):
                findings.refuse((*place, INTEGRATION, *_documented(inner)), what)
    components = body.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, Mapping) else body.get("securityDefinitions")
    inside: Where = ("components", "securitySchemes") if isinstance(components, Mapping) else ("securityDefinitions",)
    for name, scheme in schemes.items() if isinstance(schemes, Mapping) else ():
        if isinstance(scheme, Mapping):
            _scheme(findings, (*where, *inside, name), scheme)


def _scheme(findings: Findings, where: Where, scheme: Mapping[str, Any]) -> None:
    authorizer = scheme.get(f"{_PREFIX}authorizer")
    if isinstance(authorizer, Mapping):
        given = authorizer.get("type")
        if isinstance(given, str) and given.upper() not in AUTHORIZERS:
            place = (*where, f"{_PREFIX}authorizer", "type")
            findings.refuse(place, f"local AWS supports authorizers of type token and request, not {given}")


def _in_order(integration: Mapping[str, Any]) -> dict[str, Any]:
    """An integration of a document in the API's spelling."""
    responses = integration.get("responses")
    kind = integration.get("type")
    return {
        **{name: value for name, value in integration.items() if name != "responses"},
        "type": kind.upper() if isinstance(kind, str) else kind,
        "integrationResponses": responses if isinstance(responses, Mapping) else {},
    }


def _documented(place: Where) -> Where:
    return ("responses", *place[1:]) if place[:1] == ("integrationResponses",) else place
