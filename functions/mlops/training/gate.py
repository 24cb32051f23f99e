"""The tests that a candidate passes or isn't promoted, with their evidence."""

from collections.abc import Mapping

from mlops.contract import Task
from mlops.registry.manifest import Gate
from mlops.training.compilation import TOLERANCE, Parity
from mlops.training.metrics.catalog import find_metric


def gate_floors(metrics: Mapping[str, float], floors: Mapping[str, float], task: Task) -> list[Gate]:
    """One gate a floor: the metric on held-out rows is no worse than the spec asks."""
    gates = []
    for name, floor in floors.items():
        observed = metrics.get(name)
        if observed is None:
            detail = f"{name} is not defined on the held-out rows"
            gates.append(Gate(name=f"floor/{name}", passed=False, required=floor, detail=detail))
            continue
        sign = find_metric(name, task).sign
        relation = "at least" if sign > 0 else "at most"
        detail = f"{name} on held-out rows is {observed:.4f}; {relation} {floor:g} is asked"
        passed = sign * observed >= sign * floor
        gates.append(Gate(name=f"floor/{name}", passed=passed, observed=observed, required=floor, detail=detail))
    return gates


def gate_parity(parity: Parity) -> Gate:
    """Compiled model and estimator give the same answers."""
    detail = (
        f"the compiled model differs by at most {parity.difference:.2g} on {parity.rows} rows, "
        "among them rows at split thresholds, with missing values and with unseen categories"
    )
    return Gate(name="parity", passed=parity.exact, observed=parity.difference, required=TOLERANCE, detail=detail)
