"""The error of a request that DynamoDB refuses."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class InvalidRequest(ServiceException):
    """A request that DynamoDB refuses."""

    code = "ValidationException"
