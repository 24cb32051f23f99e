"""Authorizes requests by what their routes demand."""

from __future__ import annotations

from collections.abc import Callable

from localaws.http.authorization.functions import Invoke, LambdaAuthorizers
from localaws.http.authorization.issuers import Issuers
from localaws.http.authorization.requirement import Asked, Granted, NotAuthorized
from localaws.http.authorization.signatures import SignedRequests
from localaws.http.authorization.tokens import JwtAuthorizers
from localaws.http.response import INTERNAL_ERROR
from localaws.iam.guard import Guard


class Authorization:
    """The authorizers of all HTTP APIs, and the signed requests of them and of function URLs."""

    def __init__(self, invoke: Invoke, now: Callable[[], float], guard: Guard) -> None:
        self._functions = LambdaAuthorizers(invoke, now)
        self._tokens = JwtAuthorizers(Issuers(now), now)
        self._signed = SignedRequests(guard, now)

    def forget(self, api: str, authorizer: str) -> None:
        """Forget the answers of a changed authorizer."""
        self._functions.forget(api, authorizer)

    def authorize(self, asked: Asked) -> Granted:
        """What becomes the context of the request; raises NotAuthorized. It may call a function, or an issuer."""
        requirement = asked.requirement
        if requirement.kind == "AWS_IAM":
            return self._signed.authorize(asked)
        if requirement.authorizer is None:
            raise NotAuthorized(INTERNAL_ERROR, "The authorizer doesn't exist.")
        by = self._tokens if requirement.kind == "JWT" else self._functions
        return by.authorize(asked)
