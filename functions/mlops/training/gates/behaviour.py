"""Answers stay the same, or move in the right direction, as the spec requires."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.artifact.inputs import days_since_epoch
from mlops.contract import Column, Contract
from mlops.evaluation.metrics.answers import Floats
from mlops.registry.manifest.manifest import Gate
from mlops.spec.expectations import Direction, Invariance
from mlops.training.evaluation.compiled_model import CompiledModel

# Exact where nothing may move: the compiled model's arithmetic has no noise beyond rounding.
ROUNDING = 1e-9


def gate_invariance(model: CompiledModel, rows: pd.DataFrame, test: Invariance, rng: np.random.Generator) -> Gate:
    """Answers stay the same while irrelevant columns change."""
    changed = rows.copy()
    if test.noise is None:
        order = rng.permutation(len(rows))
        for name in test.columns:
            changed[name] = rows[name].take(order).set_axis(rows.index)
    else:
        for name in test.columns:
            factor = 1 + rng.uniform(-test.noise, test.noise, len(rows))
            changed[name] = _within(rows[name] * factor, _column(model.contract, name))
    moves = np.abs(model.predict(changed) - model.predict(rows))
    moved = moves if moves.ndim == 1 else moves.max(axis=1)
    how = "swapped between rows" if test.noise is None else f"changed by up to {test.noise:.1%}"
    name = f"invariance/{'+'.join(test.columns)}"
    return _make_gate(name, moved, test.tolerance, test.exceptions, f"{', '.join(test.columns)} {how}")


def gate_direction(model: CompiledModel, rows: pd.DataFrame, test: Direction) -> Gate:
    """The answer moves in the direction that the spec gives for a column's change."""
    before, after = _shifted(rows, test, _column(model.contract, test.column))
    name = f"direction/{test.column}"
    if before.empty:
        detail = f"no held-out row can be changed within the range of {test.column}"
        return Gate(name=name, passed=False, observed="untested", required=test.answer, detail=detail)
    sign = 1 if test.answer == "rises" else -1
    wrong = sign * (_answer(model, before, test.label) - _answer(model, after, test.label))
    values = test.values or (None, None)
    how = f"+ {test.step:g}" if test.step is not None else f"from {values[0]} to {values[1]}"
    return _make_gate(
        name, wrong, test.tolerance, test.exceptions, f"the answer {test.answer} with {test.column} {how}"
    )


def gate_behaviour(
    model: CompiledModel,
    rows: pd.DataFrame,
    invariances: tuple[Invariance, ...],
    directions: tuple[Direction, ...],
    rng: np.random.Generator,
) -> Iterator[Gate]:
    """One gate for each invariance and direction of the spec."""
    yield from (gate_invariance(model, rows, test, rng) for test in invariances)
    yield from (gate_direction(model, rows, test) for test in directions)


def _make_gate(name: str, moves: NDArray[np.float64], tolerance: float, exceptions: float, rule: str) -> Gate:
    """`moves` [rows]: how far each answer moved in the wrong direction."""
    broken = moves > tolerance + ROUNDING
    share = float(broken.mean())
    detail = (
        f"{rule}: violated by {int(broken.sum())} of {len(moves)} held-out rows; the largest wrong change is "
        f"{max(0.0, float(moves.max())):.4g}, {tolerance:g} is allowed"
    )
    return Gate(name=name, passed=share <= exceptions, observed=share, required=exceptions, detail=detail)


def _shifted(rows: pd.DataFrame, test: Direction, column: Column) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that can be changed within the column's range, before and after."""
    if test.step is None:
        before, after = map(_plain, test.values or ())
        return rows.assign(**{column.name: before}), rows.assign(**{column.name: after})
    moved = rows[column.name] + test.step
    possible = moved.notna() & (moved == _within(moved, column))
    return rows[possible], rows[possible].assign(**{column.name: moved[possible]})


def _answer(model: CompiledModel, rows: pd.DataFrame, label: str | None) -> Floats:
    """[rows] the probability of a label, or the value."""
    predictions: Floats = model.predict(rows)
    target = model.contract.target
    if not target.labels:
        return predictions
    return predictions[:, target.labels.index(label or target.positive or target.labels[-1])]


def _plain(value: Any) -> Any:
    """A value as the table has it: a date in days since 1970-01-01."""
    return days_since_epoch(value) if isinstance(value, date) else value


def _within(values: "pd.Series[float]", column: Column) -> "pd.Series[float]":
    return values.clip(column.minimum, column.maximum)


def _column(contract: Contract, name: str) -> Column:
    return next(column for column in contract.columns if column.name == name)
