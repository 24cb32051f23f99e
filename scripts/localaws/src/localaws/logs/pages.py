"""Pagination: a token has the start of the next page."""

import base64
import binascii
from collections.abc import Sequence

from moto.logs.exceptions import InvalidParameterException


def page[Item](items: Sequence[Item], size: int, token: str | None) -> tuple[Sequence[Item], str | None]:
    """The page of `items` at `token`, and the token of the next page, None after the last one.

    Raises InvalidParameterException for an invalid token.
    """
    (begin,) = read_token(token, 1) if token else (0,)
    end = begin + size
    return items[begin:end], make_token(end) if end < len(items) else None


def make_token(*numbers: int) -> str:
    """An opaque token for numbers."""
    return base64.urlsafe_b64encode(":".join(map(str, numbers)).encode()).decode()


def read_token(token: str, count: int) -> tuple[int, ...]:
    """The numbers of a token. Raises InvalidParameterException."""
    try:
        numbers = tuple(int(part) for part in base64.urlsafe_b64decode(token).decode().split(":"))
    except (binascii.Error, ValueError):
        numbers = ()
    if len(numbers) != count:
        raise InvalidParameterException("The specified nextToken is invalid.")
    return numbers
