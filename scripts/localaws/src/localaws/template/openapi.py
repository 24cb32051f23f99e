"""Holds the OpenAPI description of an HTTP API against what local AWS serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localaws.template.findings import Findings
from localaws.template.load import Where
from localaws.template.support import compare

ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace", ANY})
_DONE: dict[str, Any] = {"payloadFormatVersion": ["2.0"], "type": ["aws_proxy", "AWS_PROXY"], "*": True}


def operations(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each operation with its path and method; what else a path may have, such as a summary, is left out."""
    for path, item in (body.get("paths") or {}).items():
        for method, operation in item.items() if isinstance(item, Mapping) else ():
            if method in _METHODS:
                yield path, method, operation if isinstance(operation, Mapping) else {}


def check_openapi(findings: Findings, where: Where, body: Any) -> None:
    """Refuse integrations of other kinds, and routes that not everybody may call."""
    if not isinstance(body, Mapping):
        return
    if body.get("security"):
        findings.refuse((*where, "security"), "authorizers aren't supported")
    for path, method, operation in operations(body):
        place = (*where, "paths", path, method)
        if operation.get("security"):
            findings.refuse((*place, "security"), "authorizers aren't supported")
        integration = operation.get(INTEGRATION)
        if isinstance(integration, Mapping):
            compare(_DONE, integration, (*place, INTEGRATION), findings.refuse, findings.remark)
