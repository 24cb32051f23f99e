"""The forms in which a function is named: its name, its ARN, a part of it, each with or without a qualifier."""

from __future__ import annotations

import re

_BEFORE_NAME = re.compile(r"^(?:(?:arn:[\w-]+:lambda:[\w-]+:)?\d{12}:)?function:")


def split(name: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """The bare name and the qualifier; one within the name comes before the one given beside it."""
    bare, _, within = _BEFORE_NAME.sub("", name).partition(":")
    return bare, within or qualifier
