"""Limits of Lambda that moto doesn't check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localaws.errors import TemplateError

_FUNCTION = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_RANGES = {"MemorySize": (128, 10240), "Timeout": (1, 900)}
_STORAGE = (512, 10240)


def check_function_name(name: str) -> None:
    """Raise TemplateError for an invalid function name."""
    if not _FUNCTION.fullmatch(name):
        raise TemplateError(f"FunctionName {name} is not valid (1 to 64 letters, digits, - and _).")


def check_ranges(configuration: Mapping[str, Any]) -> None:
    """Raise TemplateError for a number outside of Lambda's limits."""
    ranges = {key: (configuration[key], limits) for key, limits in _RANGES.items() if key in configuration}
    if "EphemeralStorage" in configuration:
        ranges["EphemeralStorage.Size"] = (configuration["EphemeralStorage"]["Size"], _STORAGE)
    for key, (number, (least, most)) in ranges.items():
        if not least <= number <= most:
            raise TemplateError(f"{key} must be from {least} to {most}, not {number}.")
