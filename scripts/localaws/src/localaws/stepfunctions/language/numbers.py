"""The fields that are numbers, with their ranges, which hold for a definition's values and for those of expressions.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localaws.stepfunctions.language.choices import is_number
from localaws.stepfunctions.language.errors import DataError
from localaws.stepfunctions.language.intrinsics import compact

LARGEST_PAYLOAD = 262_144
LONGEST_WAIT = 99_999_999


@dataclass(frozen=True)
class Range:
    """The values from `least` to `most`, by default whole numbers only."""

    least: int
    most: int
    is_whole: bool = True

    def has(self, value: Any) -> bool:
        """Whether a JSON value is in the range."""
        return is_number(value) and self.least <= value <= self.most and (not self.is_whole or value == int(value))

    def __str__(self) -> str:
        return f"{'an integer' if self.is_whole else 'a number'} from {self.least} to {self.most}"


RANGES: Mapping[str, Range] = {
    "HeartbeatSeconds": Range(1, LONGEST_WAIT),
    "MaxConcurrency": Range(0, 10_000),
    "Seconds": Range(0, LONGEST_WAIT),
    "TimeoutSeconds": Range(1, LONGEST_WAIT),
    "ToleratedFailureCount": Range(0, LONGEST_WAIT),
    "ToleratedFailurePercentage": Range(0, 100, is_whole=False),
}
# Those of an ItemReader's ReaderConfig and of an ItemBatcher.
OPTIONS: Mapping[str, Range] = {
    "MaxInputBytesPerBatch": Range(1, LARGEST_PAYLOAD),
    "MaxItems": Range(0, 100_000_000),
    "MaxItemsPerBatch": Range(1, LONGEST_WAIT),
}


def demand(name: str, value: Any, known: Range, error: str) -> None:
    """Raise DataError with an error's name if a field's value isn't in its range."""
    if not known.has(value):
        raise DataError(error, f"The field '{name}' must be {known}, not {compact(value)}.", name)


def demand_options(options: Mapping[str, Any], error: str) -> None:
    """Do so for all options that are numbers."""
    for name, value in options.items():
        if name in OPTIONS:
            demand(name, value, OPTIONS[name], error)
