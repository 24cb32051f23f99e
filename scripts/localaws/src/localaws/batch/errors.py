"""The errors of AWS Batch's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import ServiceException


class ClientError(ServiceException):
    """A request that Batch refuses, or that local AWS doesn't support."""

    code = "ClientException"


def only(given: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    """Raise ClientError for a parameter with a value that local AWS doesn't support."""
    for name, value in given.items():
        if name not in known and value not in (None, [], {}, False, ""):
            raise ClientError(f"Local AWS doesn't support {name} of {what}.")
