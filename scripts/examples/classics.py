"""Datasets that ship with scikit-learn."""

from pathlib import Path
from typing import Any

from examples.table import write_table


def write_iris(folder: Path) -> Path:
    """150 flowers of three species: R. A. Fisher, "The use of multiple measurements in taxonomic problems", 1936."""
    from sklearn.datasets import load_iris

    data = load_iris()
    return _write(folder / "iris.csv", data, "species", [data.target_names[label] for label in data.target])


def write_wine(folder: Path) -> Path:
    """178 wines of three cultivars, by chemical analysis: M. Forina and others, "PARVUS", 1988."""
    from sklearn.datasets import load_wine

    data = load_wine()
    return _write(folder / "wine.csv", data, "cultivar", [data.target_names[label] for label in data.target])


def write_digits(folder: Path) -> Path:
    """1,797 handwritten digits, 8 by 8 pixels of 17 greys: E. Alpaydin and C. Kaynak, UCI, 1998."""
    from sklearn.datasets import load_digits

    data = load_digits()
    data.data = data.data.astype(int)
    return _write(folder / "digits.csv", data, "digit", data.target.tolist())


def write_diabetes(folder: Path) -> Path:
    """442 patients and how far their diabetes went in a year: B. Efron and others, "Least angle regression", 2004."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    return _write(folder / "diabetes.csv", data, "progression", data.target.tolist())


def _write(file: Path, data: Any, target: str, answers: list[Any]) -> Path:
    rows = ([*row, answer] for row, answer in zip(data.data.tolist(), answers, strict=True))
    return write_table(file, [*data.feature_names, target], rows)
