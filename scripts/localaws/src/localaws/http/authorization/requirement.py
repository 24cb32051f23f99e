"""What a route demands of its callers, and how a request is refused or let through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.http.response import Response, problem

UNAUTHORIZED = problem(401, "Unauthorized")
FORBIDDEN = problem(403, "Forbidden")


@dataclass(frozen=True)
class Requirement:
    """The authorization of a route: AWS_IAM, CUSTOM or JWT.

    `authorizer` is moto's object of a CUSTOM or JWT one, and None if it was deleted. `scopes` are of JWT only.
    """

    kind: str
    authorizer: Any = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A request that is to be authorized. `event` is its event in payload format 2.0.

    `action` and `resource` are what a signed request needs permission for. `raw_headers`, `raw_path` and `body` are as
    the client sent them.
    """

    requirement: Requirement
    event: Mapping[str, Any]
    api: str
    stage: str
    region: str
    raw_headers: Mapping[str, str]
    raw_path: str
    body: bytes = field(repr=False)
    action: str
    resource: str

    @property
    def context(self) -> Mapping[str, Any]:
        """The request's context."""
        found: Mapping[str, Any] = self.event["requestContext"]
        return found


@dataclass(frozen=True)
class Granted:
    """`authorizer` becomes `requestContext.authorizer`; `variables` are those of access logs, without `authorizer.`."""

    authorizer: Mapping[str, Any]
    variables: Mapping[str, str]


class NotAuthorized(Exception):
    """A request is refused with this response; `error` is what access logs say of its authorizer."""

    def __init__(self, response: Response, error: str = "") -> None:
        super().__init__(error)
        self.response, self.error = response, error
