"""The range of a column of numbers, by its name."""

import numpy as np
import pytest

from mlops.data.inference.ranges import infer_range

RANGES: dict[str, tuple[str, list[float], bool, tuple[float, float]]] = {
    "month": ("month", [1, 12], True, (1, 12)),
    "month from zero": ("Month", [0, 11], True, (0, 11)),
    "year": ("year", [2007, 2009], True, (2000, 2100)),
    "model year": ("modelYear", [1970, 1982], True, (1900, 2100)),
    "hour": ("pickup_hour", [0, 23], True, (0, 24)),
    "day": ("day", [1, 31], True, (1, 31)),
    "weekday": ("dayOfWeek", [1, 5], True, (0, 7)),
    "latitude": ("lat", [47.1, 47.9], False, (-90, 90)),
    "months of a contract": ("months", [1, 60], True, (0, 200)),
    "a year that is none": ("year", [1, 9], True, (0, 20)),
    "an amount": ("yearly_income", [20_000, 90_000], True, (0, 200_000)),
}


@pytest.mark.parametrize("name", RANGES)
def test_ranges_are_sane(name: str) -> None:
    called, seen, whole, wanted = RANGES[name]
    found = infer_range(called, np.array(seen, np.float64), whole=whole)
    assert (found["minimum"], found["maximum"]) == wanted
