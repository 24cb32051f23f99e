"""Example datasets, as CSV files to upload.

`diagnosis` has a spec in functions/models/. `mlops models new` drafts those of the others: iris and wine have several
labels, digits many columns, diabetes a number to predict, and mixed every kind of column, with missing values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from examples.classics import write_diabetes, write_digits, write_iris, write_wine
from examples.diagnosis import write_diagnosis
from examples.mixed import write_mixed


@dataclass(frozen=True)
class Example:
    """The function that writes an example into a folder, and the column to predict."""

    write: Callable[[Path], Path]
    target: str


EXAMPLES = {
    "diagnosis": Example(write_diagnosis, "diagnosis"),
    "iris": Example(write_iris, "species"),
    "wine": Example(write_wine, "cultivar"),
    "digits": Example(write_digits, "digit"),
    "diabetes": Example(write_diabetes, "progression"),
    "mixed": Example(write_mixed, "churned"),
}

__all__ = ["EXAMPLES", "Example", "write_diagnosis"]
