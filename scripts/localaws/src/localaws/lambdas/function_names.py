"""The forms of a function's name: name, ARN or partial ARN, each with or without a qualifier."""

from __future__ import annotations

import re

_BEFORE_NAME = re.compile(r"^(?:(?:arn:[\w-]+:lambda:[\w-]+:)?\d{12}:)?function:")


def split(name: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """The bare name and the qualifier; a qualifier in the name takes precedence over the given one."""
    bare, _, within = _BEFORE_NAME.sub("", name).partition(":")
    return bare, within or qualifier
