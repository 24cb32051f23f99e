"""Resource policies of REST APIs: who may call which methods, from where.

A method without authorization needs the policy's allow. With an authorizer or AWS_IAM, which decide about the caller,
the policy can only deny. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from localaws.iam.evaluation import Call, Policies, decide
from localaws.iam.policy import MalformedPolicy, Policy, read_policy
from localaws.iam.principals import ANONYMOUS
from localaws.rest.errors import BadRequest
from localaws.rest.exchange import Exchange
from localaws.rest.gateway_responses import Refused
from localaws.settings import ACCOUNT

_INVOKE = "execute-api:Invoke"
_RELATIVE = "execute-api:/"


class ResourcePolicies:
    """Looks at requests by the policy of their API, if `enforced` (IAM isn't off); `now` is the time in seconds."""

    def __init__(self, now: Callable[[], float], *, enforced: bool) -> None:
        self._now, self._enforced = now, enforced

    def demand(self, exchange: Exchange) -> None:
        """Raise Refused for a request that its API's policy denies, or doesn't allow if nothing else decides."""
        document = exchange.snapshot.settings.get("policy")
        if not document or not self._enforced:
            return
        arn = exchange.arn
        policy = _read(document, f"{arn.partition('/')[0]}/")
        decision = decide(Call(ANONYMOUS, _INVOKE, arn, ACCOUNT, self._context(exchange)), Policies(resource=policy))
        is_denied = bool(decision.statements) and not decision.allowed
        decides = (exchange.method.get("authorizationType") or "NONE") == "NONE"
        if is_denied or (decides and not decision.allowed):
            raise Refused("ACCESS_DENIED", _message(arn, decision.reason))

    def _context(self, exchange: Exchange) -> Mapping[str, tuple[str, ...]]:
        now = self._now()
        known = {
            "aws:SourceIp": exchange.incoming.source,
            "aws:UserAgent": exchange.incoming.header("user-agent") or "",
            "aws:Referer": exchange.incoming.header("referer") or "",
            "aws:CurrentTime": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(now)),
            "aws:SecureTransport": "true",
        }
        return {name.lower(): (value,) for name, value in known.items() if value}


def check_policy(document: str) -> None:
    """Raise BadRequest for a policy that API Gateway refuses."""
    try:
        _read(document, "arn:aws:execute-api:us-east-1:123456789012:any/")
    except (MalformedPolicy, ValueError) as error:
        raise BadRequest(
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid. "
            f"Local AWS: {error}."
        ) from None


@lru_cache(maxsize=64)
def _read(document: str, api: str) -> Policy:
    """The policy; its resources may be of the form `execute-api:/stage/METHOD/path`, without the API's ARN."""
    found: Any = json.loads(document)
    statements = found.get("Statement") if isinstance(found, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict):
            for name in ("Resource", "NotResource"):
                if name in statement:
                    statement[name] = _absolute(statement[name], api)
    return read_policy("resource policy", found if isinstance(found, dict) else document, "resource")


def _absolute(resources: Any, api: str) -> Any:
    if isinstance(resources, list):
        return [_absolute(resource, api) for resource in resources]
    is_relative = isinstance(resources, str) and resources.startswith(_RELATIVE)
    return api + resources.removeprefix(_RELATIVE) if is_relative else resources


def _message(arn: str, reason: str) -> str:
    # API Gateway shows the last four digits of an account.
    shown = arn.replace(f":{ACCOUNT}:", f":********{ACCOUNT[-4:]}:", 1)
    return f"User: {ANONYMOUS.name} is not authorized to perform: {_INVOKE} on resource: {shown} {reason}"
