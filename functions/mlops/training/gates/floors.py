"""Metrics on held-out rows reach the spec's floors."""

from collections.abc import Iterator, Mapping, Sequence

from mlops.contract import Task
from mlops.evaluation.metrics.catalog import find_metric
from mlops.registry.manifest.evidence import Estimate, Slice
from mlops.registry.manifest.manifest import Gate


def gate_floors(
    estimates: Mapping[str, Estimate], floors: Mapping[str, float], task: Task, slices: Sequence[Slice] = ()
) -> Iterator[Gate]:
    """One gate a floor, and another for the slices where there are any.

    Overall the value itself must reach the floor. A slice has fewer rows: it fails if its whole interval is beyond.
    """
    for name, floor in floors.items():
        yield _gate_floor(name, floor, estimates[name], task)
        if slices:
            yield _gate_slices(name, floor, slices, task)


def _gate_floor(name: str, floor: float, found: Estimate, task: Task) -> Gate:
    gate = f"floor/{name}"
    if found.value is None:
        detail = f"{name} on held-out rows is {found.reason}"
        return Gate(name=gate, passed=False, required=floor, detail=detail)
    sign = find_metric(name, task).sign
    detail = f"{name} on held-out rows is {found.value:.4f}; {_relation(sign)} {floor:g} is required"
    passed = sign * found.value >= sign * floor
    return Gate(name=gate, passed=passed, observed=found.value, required=floor, detail=detail)


def _gate_slices(name: str, floor: float, slices: Sequence[Slice], task: Task) -> Gate:
    sign = find_metric(name, task).sign
    known = [(part, part.estimates[name]) for part in slices if part.estimates[name].value is not None]
    ranked = sorted(known, key=lambda entry: sign * (entry[1].value or 0.0))
    beyond = [part for part, found in ranked if _is_beyond(found, floor, sign)]
    described = [_describe(name, part, found) for part, found in ranked if part in beyond] or [
        f"every slice's interval includes the floor or better; the worst is {_describe(name, *ranked[0])}"
        if ranked
        else "the metric is defined on no slice"
    ]
    detail = f"{'; '.join(described)}; {_relation(sign)} {floor:g} is required"
    worst = ranked[0][1].value if ranked else None
    return Gate(name=f"floor/{name}/slices", passed=not beyond, observed=worst, required=floor, detail=detail)


def _is_beyond(found: Estimate, floor: float, sign: int) -> bool:
    """Whether the whole interval is on the wrong side of the floor."""
    if found.interval is None:
        return False
    best = found.interval.high if sign > 0 else found.interval.low
    return sign * best < sign * floor


def _describe(name: str, part: Slice, found: Estimate) -> str:
    shown = f"{name} where {part.where} ({part.rows} rows) is {found.value:.4f}"
    return f"{shown} ({found.interval.low:.4f} to {found.interval.high:.4f})" if found.interval else shown


def _relation(sign: int) -> str:
    return "at least" if sign > 0 else "at most"
