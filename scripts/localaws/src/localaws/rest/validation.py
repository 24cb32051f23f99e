"""Validates requests before their integration is called.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

from __future__ import annotations

from localaws.rest.exchange import Exchange
from localaws.rest.gateway_responses import Refused
from localaws.rest.mapping import value_of
from localaws.rest.models import is_valid


def validate(exchange: Exchange) -> None:
    """Raise Refused if required parameters are missing or empty, or the body isn't valid by its model."""
    validators = exchange.snapshot.definition.validators
    validator = validators.get(exchange.method.get("requestValidatorId") or "", {})
    if validator.get("validateRequestParameters"):
        _parameters(exchange)
    if validator.get("validateRequestBody"):
        _body(exchange)


def _parameters(exchange: Exchange) -> None:
    required = [name for name, needed in (exchange.method.get("requestParameters") or {}).items() if needed]
    sources = exchange.sources()
    missing = [name.split(".", 3)[3] for name in required if not value_of(name, sources)]
    if missing:
        raise Refused("BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{', '.join(missing)}]")


def _body(exchange: Exchange) -> None:
    models = exchange.method.get("requestModels") or {}
    kind = (exchange.incoming.header("content-type") or "application/json").split(";")[0].strip()
    name = models.get(kind) or models.get("$default")
    if name is None:
        if models:
            raise Refused("UNSUPPORTED_MEDIA_TYPE")
        return
    if not is_valid(exchange.text, name, exchange.snapshot.definition.models):
        raise Refused("BAD_REQUEST_BODY", validation="Invalid request body")
