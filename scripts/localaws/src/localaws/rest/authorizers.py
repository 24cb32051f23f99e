"""Lambda authorizers of REST APIs: TOKEN and REQUEST.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.http.authorization.answers import AnswerCache, context_problem, identity
from localaws.http.authorization.policies import PolicyError, decision
from localaws.iam.sender import Sender
from localaws.rest.event import request_event
from localaws.rest.exchange import SERVICE, Exchange
from localaws.rest.gateway_responses import Refused
from localaws.rest.mapping import identity_sources, value_of
from localaws.rest.store import Document
from localaws.rest.support import function_of
from localaws.settings import ACCOUNT
from localaws.vtl.values import to_text

logger = logging.getLogger(__name__)
# Runs a function with a payload, in the name of a sender; None if it failed.
Invoke = Callable[[Sender, str, bytes], bytes | None]


@dataclass(frozen=True)
class Answer:
    """What a function has answered: the policy, and what becomes `$context.authorizer`."""

    policy: Any
    context: Mapping[str, Any]
    usage_key: str | None


class Authorizers:
    """Calls authorizers, and keeps their answers for as long as each says."""

    def __init__(self, invoke: Invoke, now: Callable[[], float]) -> None:
        self._invoke = invoke
        self._answers = AnswerCache[Answer](now)

    def forget(self, api: str, stage: str | None = None) -> None:
        """Forget the answers for an API, or for one of its stages."""
        self._answers.forget(*((api,) if stage is None else (api, stage)))

    def authorize(self, exchange: Exchange) -> Answer:
        """The answer that allows a request; raises Refused if there's none."""
        authorizers = exchange.snapshot.definition.authorizers
        authorizer = authorizers.get(exchange.method["authorizerId"])
        if authorizer is None:
            raise Refused("AUTHORIZER_CONFIGURATION_ERROR")
        sources = exchange.sources()
        wanted = identity_sources(authorizer.get("identitySource") or "") or []
        caller = identity(value_of(source, sources) for source in wanted)
        if caller is None or not _is_token_valid(authorizer, caller):
            raise Refused("UNAUTHORIZED")
        ttl = int(authorizer.get("authorizerResultTtlInSeconds", 300))
        key = (exchange.api.id, exchange.stage["stageName"], authorizer["id"], *caller)
        answer = self._answers.get(key) if wanted and ttl else None
        if answer is None:
            answer = self._asked(authorizer, exchange, caller)
            self._answers.put(key, answer, ttl if wanted else 0)
        self._demand_allowed(answer, exchange)
        return answer

    def _asked(self, authorizer: Document, exchange: Exchange, caller: tuple[str, ...]) -> Answer:
        event: dict[str, Any] = {"type": authorizer["type"], "methodArn": exchange.arn}
        if authorizer["type"] == "TOKEN":
            event["authorizationToken"] = caller[0]
        else:
            event |= request_event(exchange)
        function = function_of(authorizer["authorizerUri"])
        assert function
        source = f"arn:aws:execute-api:{exchange.region}:{ACCOUNT}:{exchange.api.id}/authorizers/{authorizer['id']}"
        sender = Sender(SERVICE, source, authorizer.get("authorizerCredentials") or "")
        payload = self._invoke(sender, function, json.dumps(event).encode())
        if payload is None:
            raise Refused("AUTHORIZER_FAILURE")
        return _answer(payload)

    @staticmethod
    def _demand_allowed(answer: Answer, exchange: Exchange) -> None:
        try:
            effect = decision(answer.policy, exchange.arn, exchange.incoming.source)
        except PolicyError as error:
            logger.warning("The authorizer of %s returned a policy that isn't valid: %s", exchange.arn, error)
            raise Refused("AUTHORIZER_CONFIGURATION_ERROR") from None
        if effect != "Allow":
            explicit = " with an explicit deny" if effect == "Deny" else ""
            raise Refused("ACCESS_DENIED", f"User is not authorized to access this resource{explicit}")


def _is_token_valid(authorizer: Document, caller: tuple[str, ...]) -> bool:
    """Whether a token has the form that its authorizer demands."""
    expression = authorizer.get("identityValidationExpression")
    return not expression or authorizer["type"] != "TOKEN" or re.match(expression, caller[0]) is not None


def _answer(payload: bytes) -> Answer:
    try:
        result = json.loads(payload)
    except ValueError:
        result = None
    if not isinstance(result, dict) or not result.get("principalId") or "policyDocument" not in result:
        logger.warning("An authorizer's result has no principalId or no policyDocument: %.200r", payload)
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR")
    given = result.get("context") or {}
    problem = context_problem(given)
    if problem:
        logger.warning("An authorizer's result isn't valid: %s", problem)
        raise Refused("AUTHORIZER_CONFIGURATION_ERROR")
    context = {name: to_text(value) for name, value in given.items() if value is not None}
    key = result.get("usageIdentifierKey")
    return Answer(result["policyDocument"], {"principalId": str(result["principalId"]), **context}, key)
