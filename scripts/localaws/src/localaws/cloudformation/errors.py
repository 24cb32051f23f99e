"""CloudFormation's errors, as its API returns them."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class ValidationError(ServiceException):
    """The request is invalid."""

    code = "ValidationError"


class NoChanges(ValidationError):
    """The stack already matches the template."""


class AlreadyExists(ServiceException):
    """A stack of that name exists."""

    code = "AlreadyExistsException"
