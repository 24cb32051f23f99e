"""Example datasets, as CSV files to upload.

`diagnosis` has a spec in functions/models/. `mlops models new` drafts those of the others: iris and wine have several
labels, digits many columns, diabetes a number to predict, and mixed every kind of column, with missing values.

Examples of interactions are for recommenders: `recommender` is a simulated shop, with a spec in functions/models/, and
`movielens` is fetched. Each comes with the catalogue of its items.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from examples.classics import write_diabetes, write_digits, write_iris, write_wine
from examples.diagnosis import write_diagnosis
from examples.mixed import write_mixed
from examples.movielens import write_movielens
from examples.shop import write_shop


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

INTERACTIONS: dict[str, Callable[[Path], Path]] = {"recommender": write_shop, "movielens": write_movielens}

__all__ = ["EXAMPLES", "INTERACTIONS", "Example", "write_diagnosis"]
