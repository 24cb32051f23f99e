"""The errors of statements."""

from __future__ import annotations

from moto.core.exceptions import ServiceException

from localaws.dynamodb.errors import InvalidRequest


class DuplicateItem(ServiceException):
    """An INSERT of an item whose key is in the table."""

    code = "DuplicateItemException"
    message = "Duplicate primary key exists in table"


def malformed(reason: str) -> InvalidRequest:
    """The error of a statement that can't be parsed."""
    return InvalidRequest(f"Statement wasn't well formed, can't be processed: {reason}")
