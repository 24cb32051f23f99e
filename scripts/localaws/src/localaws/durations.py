"""Parses durations: 90s, 5m, 1h30m, 2d."""

from __future__ import annotations

import re

from localaws.errors import LocalAwsError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_duration(text: str) -> float:
    """`text` in seconds; raises LocalAwsError if it isn't a duration."""
    if not re.fullmatch(r"(\d+(\.\d+)?[smhdw])+", text):
        raise LocalAwsError(f"{text!r} isn't a duration; examples: 90s, 5m, 1h, 2d, 1h30m.")
    return sum(float(number) * _SECONDS[unit] for number, unit in re.findall(r"([\d.]+)([smhdw])", text))
