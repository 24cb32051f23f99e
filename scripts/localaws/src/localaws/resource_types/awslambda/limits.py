"""Limits of Lambda that moto doesn't check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localaws.errors import TemplateError

_FUNCTION = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_RANGES = {"MemorySize": (128, 10240), "Timeout": (1, 900)}


def check_function_name(name: str) -> None:
    """Raise TemplateError for an invalid function name."""
    if not _FUNCTION.fullmatch(name):
        raise TemplateError(f"FunctionName {name} is not valid (1 to 64 letters, digits, - and _).")


def check_ranges(configuration: Mapping[str, Any]) -> None:
    """Raise TemplateError for a number outside of Lambda's limits."""
    for key, (least, most) in _RANGES.items():
        if key in configuration and not least <= configuration[key] <= most:
            raise TemplateError(f"{key} must be from {least} to {most}, not {configuration[key]}.")
