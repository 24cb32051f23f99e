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


class ChangeSetNotFound(ServiceException):
    """There's no such change set."""

    code = "ChangeSetNotFound"


class InvalidChangeSetStatus(ServiceException):
    """The change set can't be executed now."""

    code = "InvalidChangeSetStatus"


class Abandoned(Exception):
    """A stack was forgotten by a reset while it was deployed, so nothing more may be done for it."""
