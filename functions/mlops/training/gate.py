"""The tests that a candidate passes or isn't promoted, with their evidence."""

from collections.abc import Mapping

from mlops.registry.manifest import Gate

# For these, less is better, and a floor is a ceiling.
LESS_IS_BETTER = frozenset({"log_loss"})


def gate_floors(metrics: Mapping[str, float], floors: Mapping[str, float]) -> list[Gate]:
    """One gate a floor: the metric on held-out rows is at least (log loss: at most) what the spec asks."""
    gates = []
    for name, floor in floors.items():
        observed = metrics[name]
        less = name in LESS_IS_BETTER
        passed = observed <= floor if less else observed >= floor
        relation = "at most" if less else "at least"
        detail = f"{name} on held-out rows is {observed:.4f}; {relation} {floor:g} is asked"
        gates.append(Gate(name=f"floor/{name}", passed=passed, observed=observed, required=floor, detail=detail))
    return gates


def gate_parity(difference: float, tolerance: float, rows: int) -> Gate:
    """Compiled model and estimator give the same probabilities."""
    detail = f"the compiled model differs by at most {difference:.2g} on {rows} rows, thresholds included"
    return Gate(name="parity", passed=difference <= tolerance, observed=difference, required=tolerance, detail=detail)
