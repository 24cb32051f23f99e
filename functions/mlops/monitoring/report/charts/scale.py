"""Scales: values to places, and the round values between."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` at places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value; those beyond the scale are at its ends."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, most: int = 5) -> list[float]:
        """At most so many round values within the scale."""
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(size * power for size in STEPS if size * power >= rough * (1 - 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(place * step, 12) + 0.0 for place in range(first, last + 1)]


def fit(values: Iterable[float], start: float, end: float, *, zero: bool = False, roof: float | None = None) -> Scale:
    """A scale around values with a little room, from zero if asked for, up to `roof` at most."""
    known = [value for value in values if math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if zero:
        low = min(low, 0.0)
    if high <= low:
        room = abs(low) * 0.1 or 1.0
        low, high = (low, high + room) if zero and low == 0 else (low - room, high + room)
    room = (high - low) * 0.08
    top = high + room if roof is None or high > roof else min(high + room, roof)
    return Scale(low if zero and low == 0 else low - room, top, start, end)


def write_tick(value: float, step: float) -> str:
    """A tick with the digits that its step needs."""
    if value and (abs(value) >= 1e6 or abs(value) < 1e-4):
        return f"{value:.3g}"
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step else 0
    written = f"{step:.10f}".rstrip("0").partition(".")[2]
    return f"{value:,.{max(digits, min(len(written), 4))}f}"
