"""Checks the OpenAPI document of an HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.template.load import Where
from localaws.template.openapi import INTEGRATION, operations
from localaws.validation.findings import Findings
from localaws.validation.properties import compare

_DONE: dict[str, Any] = {"payloadFormatVersion": ["2.0"], "type": ["aws_proxy", "AWS_PROXY"], "*": True}


def check_openapi(findings: Findings, where: Where, body: Any) -> None:
    """Refuse authorizers, and integrations of other types than AWS_PROXY."""
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
            compare(_DONE, integration, (*place, INTEGRATION), findings.refuse, findings.note)
