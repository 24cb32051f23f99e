"""The range of a column of numbers: that of its name, if it's a part of a date, or else room for as much again."""

import math
import re

import numpy as np

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# The last word of a name → ranges of which the first that holds all values is taken, whole numbers or not.
_PARTS: dict[str, tuple[tuple[float, float], ...]] = {
    "month": ((1, 12), (0, 11)),
    "quarter": ((1, 4),),
    "week": ((1, 53), (0, 53)),
    "day": ((1, 31), (1, 366)),
    "weekday": ((0, 7),),
    "dayofweek": ((0, 7),),
    "dayofyear": ((1, 366),),
    "yday": ((1, 366), (0, 365)),
    "hour": ((0, 24),),
    "minute": ((0, 60),),
    "second": ((0, 60),),
    "latitude": ((-90, 90),),
    "lat": ((-90, 90),),
    "longitude": ((-180, 180), (0, 360)),
    "lon": ((-180, 180),),
    "lng": ((-180, 180),),
    "percent": ((0, 100),),
    "percentage": ((0, 100),),
    "pct": ((0, 100),),
    "year": ((1000, 2100),),
}
_SHORT = {
    "mon": "month",
    "mth": "month",
    "yr": "year",
    "hr": "hour",
    "min": "minute",
    "sec": "second",
    "dow": "weekday",
}
_CENTURY = 100


def infer_range(name: str, seen: np.ndarray, *, whole: bool) -> dict[str, float]:
    """`minimum` and `maximum` of a column in whose cells these values [n] were seen."""
    low, high = float(seen.min()), float(seen.max())
    if known := _range_of_part(name, low, high, whole=whole):
        return {"minimum": known[0], "maximum": known[1]}
    if whole and 0 <= low <= high <= 1:
        return {"minimum": 0, "maximum": 1}
    spread = (high - low) or abs(high) or 1.0
    least = 0.0 if low >= 0 else -round_up(spread - low)
    most = 0.0 if high <= 0 and low < 0 else round_up(high + spread)
    return {"minimum": least, "maximum": most}


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 … and of their tenths, hundredths …"""
    power = math.floor(math.log10(value))
    for digit in (1, 2, 5):
        if value <= (rounded := float(f"{digit}e{power}")):
            return rounded
    return float(f"1e{power + 1}")


def _range_of_part(name: str, low: float, high: float, *, whole: bool) -> tuple[float, float] | None:
    """The range of a part of a date, or of a coordinate."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words:
        return None
    ends = ("".join(words[-count:]) for count in (3, 2))
    last = next((end for end in ends if end in _PARTS), _SHORT.get(words[-1], words[-1]))
    ranges = _PARTS.get(last, ())
    found = next(((least, most) for least, most in ranges if least <= low <= high <= most), None)
    if found is None or (not whole and last in ("month", "quarter", "year", "day", "weekday")):
        return None
    if last == "year":
        return math.floor(low / _CENTURY) * _CENTURY, found[1]
    return found
