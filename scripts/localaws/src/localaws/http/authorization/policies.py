"""Evaluates the policy that a Lambda authorizer returns.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from localaws.iam.policy import MalformedPolicy, read_policy

_ACTION = "execute-api:Invoke"


class PolicyError(ValueError):
    """A policy that isn't valid."""


def decision(policy: Any, arn: str, source_ip: str) -> Literal["Allow", "Deny"] | None:
    """What a policy says of a method; None if no statement applies. A denial takes precedence. Raises PolicyError."""
    if not isinstance(policy, str | Mapping):
        raise PolicyError("the policy isn't an object")
    try:
        statements = read_policy("authorizer", policy).statements
    except MalformedPolicy as error:
        raise PolicyError(str(error)) from None
    context = {"aws:sourceip": (source_ip,)}
    applying = [statement.allows for statement in statements if statement.covers(_ACTION, arn, context)]
    return None if not applying else "Allow" if all(applying) else "Deny"
