"""Access logs of REST APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localaws.http.access_log import ARN, filled
from localaws.http.timing import Answered
from localaws.lambdas.log_writer import LogWriter
from localaws.rest.exchange import Exchange
from localaws.rest.gateway_responses import Refused
from localaws.runtime.output import LogLine
from localaws.vtl.values import to_text


def write(logs: LogWriter, exchange: Exchange, answered: Answered, length: int, refused: Refused | None) -> None:
    """Write a request into the access log of its stage, if that has one; `length` is the size of the response."""
    settings = exchange.stage.get("accessLogSettings") or {}
    destination = ARN.fullmatch(settings.get("destinationArn", ""))
    if destination:
        line = filled(settings.get("format", ""), _variables(exchange, answered, length, refused))
        logs.write(destination["group"], exchange.api.id, [LogLine(int(exchange.now * 1000), line)])


def _variables(exchange: Exchange, answered: Answered, length: int, refused: Refused | None) -> dict[str, str]:
    found: dict[str, Any] = {
        **dict(_flat(exchange.context(), "")),
        "responseLatency": round(answered.latency_ms),
        "responseLength": length,
        "status": answered.status,
    }
    if answered.function_ms is not None:
        latency = round(answered.function_ms)
        found |= {"integrationLatency": latency, "integration.latency": latency, "integration.status": answered.status}
    if refused is not None:
        found |= {"error.message": refused.message, "error.responseType": refused.kind}
        found["error.messageString"] = f'"{refused.message}"' if refused.message else None
        found["error.validationErrorString"] = refused.validation
    return {name: to_text(value) for name, value in found.items() if value is not None}


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
