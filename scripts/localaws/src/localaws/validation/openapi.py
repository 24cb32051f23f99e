"""Checks the OpenAPI document of an HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.http.service_calls import problems
from localaws.template.load import Where
from localaws.template.openapi import INTEGRATION, has_no_route, operations
from localaws.template.security import AUTHORIZER, is_signed, schemes, security
from localaws.validation.findings import Findings
from localaws.validation.properties import compare

_TYPES: dict[str, Any] = {"type": ["aws_proxy", "AWS_PROXY"], "connectionType": ["INTERNET"], "*": True}
_FUNCTION = _TYPES | {"payloadFormatVersion": ["2.0", "1.0"], "requestParameters": None, "responseParameters": None}
_AUTHORIZER: dict[str, Any] = {
    "type": ["jwt", "request"],
    "authorizerPayloadFormatVersion": ["2.0", "1.0"],
    **dict.fromkeys(
        (
            "authorizerCredentials",
            "authorizerResultTtlInSeconds",
            "authorizerUri",
            "enableSimpleResponses",
            "identitySource",
            "jwtConfiguration",
        ),
        True,
    ),
}
_SERVICE = _TYPES | {"payloadFormatVersion": ["1.0"], "responseParameters": None}


def check_openapi(findings: Findings, where: Where, body: Any, auth: Any = None) -> None:
    """Refuse authorizers that aren't API Gateway's, and integrations of other types than AWS_PROXY.

    `auth` is the `Auth` of SAM, which adds security schemes to the document.
    """
    if not isinstance(body, Mapping):
        return
    added = {*(auth.get("Authorizers") or {}), "AWS_IAM"} if isinstance(auth, Mapping) else set()
    known = {*schemes(body), *added}
    for name, scheme in schemes(body).items():
        if isinstance(scheme, Mapping) and not any(key.startswith("Fn::") for key in scheme):
            _check_scheme(findings, (*where, "components", "securitySchemes", name), scheme)
    _check_security(findings, (*where, "security"), body, {"security": body.get("security")}, known)
    for path, method, operation in operations(body):
        place = (*where, "paths", path, method)
        if has_no_route(path):
            findings.note(place, "a path that ends in a slash gets no route, as on AWS")
        _check_security(findings, (*place, "security"), body, operation, known)
        integration = operation.get(INTEGRATION)
        if isinstance(integration, Mapping):
            inner = (*place, INTEGRATION)
            subtype = integration.get("integrationSubtype")
            compare(_SERVICE if subtype else _FUNCTION, integration, inner, findings.refuse, findings.note)
            if subtype:
                for what in problems(str(subtype), integration.get("requestParameters") or {}):
                    findings.refuse(inner, what)


def _check_scheme(findings: Findings, where: Where, scheme: Mapping[str, Any]) -> None:
    """Refuse a security scheme that isn't an authorizer, and what an authorizer of HTTP APIs can't have."""
    if isinstance(scheme.get(AUTHORIZER), Mapping):
        compare(_AUTHORIZER, scheme[AUTHORIZER], (*where, AUTHORIZER), findings.refuse, findings.note)
    elif not is_signed(scheme):
        findings.refuse(where, f"a security scheme without {AUTHORIZER} isn't supported")


def _check_security(
    findings: Findings, where: Where, body: Mapping[str, Any], operation: Mapping[str, Any], known: set[str]
) -> None:
    """Refuse the name of a scheme that the document lacks."""
    wanted = security(body, operation) if isinstance(operation.get("security"), list) else None
    if wanted and wanted[0] not in known:
        findings.refuse(where, f"there is no security scheme {wanted[0]}")


def check_http_integration(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check an AWS::ApiGatewayV2::Integration: of a function, or of a service."""
    subtype, parameters = properties.get("IntegrationSubtype"), properties.get("RequestParameters")
    if isinstance(subtype, str):
        for what in problems(subtype, parameters or {}):
            findings.refuse(where, what)
    elif parameters and not subtype:
        findings.refuse((*where, "RequestParameters"), "the parameters of a function's requests aren't changed")
    version = properties.get("PayloadFormatVersion")
    if isinstance(subtype, str) and isinstance(version, str | int | float) and str(version) != "1.0":
        findings.refuse((*where, "PayloadFormatVersion"), f"that of a service is 1.0, not {version}")
