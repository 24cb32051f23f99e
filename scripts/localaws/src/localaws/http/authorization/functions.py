"""Lambda authorizers of HTTP APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from localaws.http.authorization.answers import AnswerCache, identity
from localaws.http.authorization.events import authorizer_event
from localaws.http.authorization.policies import PolicyError, decision
from localaws.http.authorization.requirement import FORBIDDEN, UNAUTHORIZED, Asked, Granted, NotAuthorized
from localaws.http.authorization.sources import source_value
from localaws.http.response import INTERNAL_ERROR
from localaws.iam.sender import Sender
from localaws.settings import ACCOUNT

logger = logging.getLogger(__name__)
# Runs a function (in a URI) with a payload, in the name of a sender: its result, and whether it failed; None if it
# could not be run.
Invoke = Callable[[Sender, str, bytes], tuple[bytes, bool] | None]
# The seconds for which answers are kept unless the authorizer says otherwise.
DEFAULT_TTL = 300


@dataclass(frozen=True)
class _Answer:
    """What a function has answered: whether it allows everything, or else its policy; and the context."""

    allows: bool | None
    policy: Any
    context: Any
    principal: str = ""


class LambdaAuthorizers:
    """Calls the functions, and keeps their answers for as long as each authorizer says."""

    def __init__(self, invoke: Invoke, now: Callable[[], float]) -> None:
        self._invoke = invoke
        self._answers = AnswerCache[_Answer](now)

    def forget(self, api: str, authorizer: str) -> None:
        """Forget the answers of a changed authorizer."""
        self._answers.forget(api, authorizer)

    def authorize(self, asked: Asked) -> Granted:
        """The context of an allowed request; raises NotAuthorized."""
        authorizer = asked.requirement.authorizer
        wanted = authorizer.identity_source or []
        caller = identity(source_value(source, asked.event) for source in wanted)
        if caller is None:
            raise NotAuthorized(UNAUTHORIZED, "An identity source is missing.")
        ttl = DEFAULT_TTL if authorizer.auth_result_ttl is None else int(authorizer.auth_result_ttl)
        key = (asked.api, authorizer.id, asked.stage, *caller)
        answer = self._answers.get(key) if wanted and ttl else None
        if answer is None:
            answer = self._asked(authorizer, asked, caller)
            self._answers.put(key, answer, ttl if wanted else 0)
        return _granted(answer, asked)

    def _asked(self, authorizer: Any, asked: Asked, caller: tuple[str, ...]) -> _Answer:
        event = authorizer_event(authorizer.auth_payload_format_version, asked, caller)
        source = f"arn:aws:execute-api:{asked.region}:{ACCOUNT}:{asked.api}/authorizers/{authorizer.id}"
        sender = Sender("apigateway.amazonaws.com", source, authorizer.auth_creds_arn or "")
        result = self._invoke(sender, authorizer.authorizer_uri, json.dumps(event).encode())
        if result is None:
            raise NotAuthorized(INTERNAL_ERROR, "The authorizer's function could not be invoked.")
        payload, failed = result
        if failed:
            if _message(payload) == "Unauthorized":
                raise NotAuthorized(UNAUTHORIZED, "The authorizer answered Unauthorized.")
            raise NotAuthorized(INTERNAL_ERROR, "The authorizer's function failed.")
        return _read(payload, simple=bool(authorizer.enable_simple_response))


def _read(payload: bytes, *, simple: bool) -> _Answer:
    """The answer in a function's result; raises NotAuthorized if it hasn't the form that its authorizer says."""
    try:
        result = json.loads(payload)
    except ValueError:
        result = None
    if isinstance(result, dict) and isinstance(result.get("context") or {}, dict):
        context = result.get("context")
        if simple and isinstance(result.get("isAuthorized"), bool):
            return _Answer(result["isAuthorized"], None, context)
        if not simple and result.get("principalId") and "policyDocument" in result:
            return _Answer(None, result["policyDocument"], context, str(result["principalId"]))
    wanted = "isAuthorized" if simple else "principalId and policyDocument"
    logger.warning("An authorizer's result isn't an object with %s.", wanted)
    raise NotAuthorized(INTERNAL_ERROR, "The authorizer's response is malformed.")


def _granted(answer: _Answer, asked: Asked) -> Granted:
    effect: Literal["Allow", "Deny"] | None = "Allow" if answer.allows else None
    if answer.allows is None:
        try:
            effect = decision(answer.policy, asked.resource, str(asked.context["http"]["sourceIp"]))
        except PolicyError as error:
            logger.warning("The authorizer of %s returned a policy that isn't valid: %s", asked.resource, error)
            raise NotAuthorized(INTERNAL_ERROR, "The authorizer's policy is malformed.") from None
    if effect != "Allow":
        raise NotAuthorized(FORBIDDEN, "The authorizer denied the request.")
    named: Mapping[str, Any] = answer.context or {}
    variables = {name: value if isinstance(value, str) else json.dumps(value) for name, value in named.items()}
    return Granted(
        {"lambda": answer.context}, {"principalId": answer.principal, **variables} if answer.principal else variables
    )


def _message(payload: bytes) -> str:
    try:
        return str(json.loads(payload).get("errorMessage"))
    except (AttributeError, ValueError):
        return ""
