"""The compiled model is the same function as the estimator, and the code that serves predictions accepts it."""

from mlops.errors.registry import ArtifactInvalid
from mlops.intake.training import LoadForServing
from mlops.registry.manifest.manifest import Gate
from mlops.registry.versions import Versions
from mlops.training.compile import TOLERANCE, Parity


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
