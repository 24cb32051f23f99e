"""Example datasets, as the CSV files that people would upload.

`diagnosis` has a spec in functions/models/. For the others `mlops models new` writes one: iris and wine have several
labels, digits many columns, diabetes a number to predict, and mixed every kind of column with missing cells.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from examples.classics import write_diabetes, write_digits, write_iris, write_wine
from examples.diagnosis import write_diagnosis
from examples.mixed import write_mixed


@dataclass(frozen=True)
class Example:
    """How an example is written into a folder, and which column is to be predicted."""

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
