"""Values of a template as text."""

from __future__ import annotations

from typing import Any


def as_text(value: Any) -> str:
    """A value as CloudFormation writes it in a text: true and false in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
