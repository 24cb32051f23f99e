"""Converts values of a template to strings."""

from __future__ import annotations

from typing import Any


def as_text(value: Any) -> str:
    """A value as CloudFormation converts it to a string: true and false in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
