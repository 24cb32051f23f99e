"""The compiled model is the same function as the estimator, and the code that serves predictions accepts it."""

from typing import Protocol

from mlops.errors import ArtifactInvalid
from mlops.registry.manifest.manifest import Gate
from mlops.registry.versions import Versions
from mlops.training.compile import TOLERANCE, Parity


class LoadForServing(Protocol):
    """How the code that serves predictions loads a version.

    The entry point passes it to training, since the two never import each other.
    """

    def __call__(self, versions: Versions, number: int) -> object:
        """Load the version and answer its golden rows. Raises ArtifactInvalid with the reason if that fails."""


def gate_parity(parity: Parity) -> Gate:
    """Compiled model and estimator give the same answers."""
    detail = (
        f"the compiled model differs by at most {parity.difference:.2g} on {parity.rows} rows, "
        "among them rows at split thresholds, with missing values and with unseen categories"
    )
    return Gate(name="parity", passed=parity.exact, observed=parity.difference, required=TOLERANCE, detail=detail)


def gate_golden(load: LoadForServing, versions: Versions, number: int, rows: int) -> Gate:
    """The code that serves predictions loads the version, and answers its golden rows as the estimator did."""
    try:
        load(versions, number)
    except ArtifactInvalid as error:
        return Gate(name="golden", passed=False, observed="refused", required="answered", detail=error.reason)
    detail = f"the serving code answers {rows} golden rows as the estimator does"
    return Gate(name="golden", passed=True, observed="answered", required="answered", detail=detail)
