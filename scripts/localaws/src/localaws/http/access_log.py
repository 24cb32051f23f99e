"""Access logs of APIs: one line a request, in the format of its stage.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from localaws.http.response import Response
from localaws.http.timing import Answered

ARN = re.compile(r"arn:aws:logs:[a-z0-9-]+:\d{12}:log-group:(?P<group>[\w./#-]{1,512})(:\*)?")
_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9]+(?:\.[A-Za-z0-9_-]+)*)")
_REQUEST_ID = re.compile(r"\$context\.(requestId|extendedRequestId)\b")


def problem(settings: Mapping[str, Any]) -> str | None:
    """What is wrong with a stage's settings, as API Gateway would say it; None if nothing is."""
    if not settings:
        return None
    if not ARN.fullmatch(str(settings.get("destinationArn", ""))):
        return "Invalid ARN specified in the request. ARN must be that of a CloudWatch log group."
    if not _REQUEST_ID.search(str(settings.get("format", ""))):
        return "Log format must contain $context.requestId or $context.extendedRequestId"
    return None


def line(form: str, context: Mapping[str, Any], answered: Answered, response: Response) -> str:
    """A log line in the format `form`; a variable without a value is "-".

    `context` is the request's, as in payload format 2.0.
    """
    return filled(form, _variables(context, answered, response))


def filled(form: str, known: Mapping[str, str]) -> str:
    """A format with its variables replaced by their values; one without a value is "-"."""
    return _VARIABLE.sub(lambda found: known.get(found[1], "-"), form).replace("\n", " ")


def _variables(context: Mapping[str, Any], answered: Answered, response: Response) -> dict[str, str]:
    http = context["http"]
    # An answer that isn't the function's is API Gateway's own.
    is_refused = response.status >= 400 and answered.function_status is None
    error = json.loads(response.body)["message"] if is_refused else None
    found: dict[str, Any] = {
        **{name: context.get(name) for name in ("accountId", "apiId", "domainName", "domainPrefix", "requestId")},
        "extendedRequestId": context.get("requestId"),
        "dataProcessed": answered.size,
        "httpMethod": http["method"],
        "identity.sourceIp": http["sourceIp"],
        "identity.userAgent": http["userAgent"],
        "path": http["path"],
        "protocol": http["protocol"],
        "requestTime": context["time"],
        "requestTimeEpoch": context["timeEpoch"],
        "responseLatency": round(answered.latency_ms),
        "responseLength": len(response.body),
        "routeKey": context.get("routeKey"),
        "stage": context.get("stage"),
        "status": answered.status,
        **{f"authorizer.{name}": value for name, value in answered.authorizer.items()},
        "error.message": error,
        "error.messageString": error and json.dumps(error),
    }
    if answered.function_ms is not None:
        found |= {
            **dict.fromkeys(("integrationLatency", "integration.latency"), round(answered.function_ms)),
            # Lambda's own answer; the function's is integration.status.
            **dict.fromkeys(("integrationStatus", "integration.integrationStatus"), 200),
            "integration.status": answered.function_status,
            "integration.requestId": context["requestId"],
            **dict.fromkeys(("integrationErrorMessage", "integration.error"), answered.function_error),
        }
    return {name: str(value) for name, value in found.items() if value not in (None, "")}
