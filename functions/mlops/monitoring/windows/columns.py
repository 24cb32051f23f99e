"""Drift: the columns and answers of a version's window join its tests."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Column, Contract
from mlops.monitoring.answers import answer_columns, answer_values
from mlops.monitoring.drift import DriftState, Finding, Reference, look, p_value
from mlops.monitoring.drift import Window as DriftWindow
from mlops.monitoring.drift.describe import describe_finding
from mlops.monitoring.drift.effect import take_sample
from mlops.monitoring.facts import ColumnFacts
from mlops.monitoring.window_rows import WindowRows
from mlops.records.window import Window


def look_at_columns(
    references: Mapping[str, Reference],
    state: DriftState | None,
    contract: Contract,
    answered: WindowRows | None,
    described: WindowRows | None,
    window: Window,
    seed: int,
) -> tuple[DriftState, tuple[ColumnFacts, ...]]:
    """The state of the version's tests after the window, and each column's facts.

    `answered` are the rows whose answers are looked at, `described` those whose inputs are.
    """
    values = _values(contract, answered, described)
    state, findings = look(state, references, values, DriftWindow(window.start, window.end), seed)
    found = {finding.column: finding for finding in findings}
    columns = {column.name: column for column in (*contract.columns, *answer_columns(contract))}
    facts = tuple(
        _describe(columns[name], reference, values[name], p_value(state.columns[name], reference), found.get(name))
        for name, reference in references.items()
    )
    return state, facts


def _values(contract: Contract, answered: WindowRows | None, described: WindowRows | None) -> dict[str, NDArray[Any]]:
    """The values of each column; of one without rows, none."""
    columns = (*contract.columns, *answer_columns(contract))
    values: dict[str, NDArray[Any]] = {column.name: np.array([]) for column in columns}
    if described is not None:
        values |= {str(name): cells.to_numpy() for name, cells in described.inputs.items()}
    return values if answered is None else values | answer_values(answered.answers, contract)


def _describe(
    column: Column, reference: Reference, values: NDArray[Any], p: float, finding: Finding | None
) -> ColumnFacts:
    sample = take_sample(reference, reference.parse(values))
    missing, outside = float(sample.missing), float(sample.below + sample.above)
    if reference.form == "shares":
        missing = float(sample.counts[reference.names.index(None)]) if None in reference.names else 0.0
        # With more names than a reference holds, a rare one can't be told from a new one.
        outside = 0.0 if reference.counts[-1] else float(sample.counts[-1])
    drifted = finding is not None and finding.matters
    return ColumnFacts(
        column=column.name,
        rows=sample.rows,
        missing=missing / max(1, sample.rows),
        outside=outside / max(1, sample.rows),
        p_value=p,
        drifted=drifted,
        since=finding.since if finding and drifted else None,
        sentence=describe_finding(finding, column) if finding and drifted else None,
        shares=tuple((sample.counts / max(1.0, sample.counts.sum())).tolist()),
    )
