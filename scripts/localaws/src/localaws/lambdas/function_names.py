"""The forms of a function's name: name, ARN or partial ARN, each with or without a qualifier."""

from __future__ import annotations

import re

from moto.awslambda.exceptions import InvalidParameterValueException

_BEFORE_NAME = re.compile(r"^(?:(?:arn:[\w-]+:lambda:[\w-]+:)?\d{12}:)?function:")


def split(name: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """The bare name and the qualifier; raises InvalidParameterValueException if the name has another one than given."""
    bare, _, within = _BEFORE_NAME.sub("", name).partition(":")
    if within and qualifier and within != qualifier:
        raise InvalidParameterValueException(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    return bare, within or qualifier
