"""Rows that would show a difference between an estimator and its graph, if there were one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from mlops.artifact.frames import frame_inputs
from mlops.contract import Column, Contract
from mlops.training.compile.columns import Source
from mlops.training.compile.compiler import graph_inputs, walk_through
from mlops.training.compile.nodes import LARGEST, reached_by, sample_nodes

UNSEEN = "a category never seen"
_NEIGHBOURS = 6  # rows for each threshold
_PER_VALUE = 3  # ordinary rows that each special value is put into


@dataclass(frozen=True, slots=True)
class Edit:
    """A row to copy, and its cells to replace; None empties a cell."""

    row: int
    cells: dict[str, float | str | None]


def probe_rows(estimator: Any, contract: Contract, data: pd.DataFrame, rng: Generator, limit: int) -> pd.DataFrame:
    """About `limit` rows made from `data`, rows like those that the estimator was fitted on.

    They are: ordinary rows; rows with missing values where the contract allows them, with every category and one never
    seen, with the extremes of every number; and, for split thresholds drawn from every tree and every feature, rows at
    the threshold, just below and just above it in float64 and in float32. A threshold's rows come from a row that
    reaches its node, if there is one. Other edges of the answer (of bins, of splines' pieces) have rows likewise. There
    are more than `limit` only where every tree and feature couldn't be covered otherwise. Numbers come back as float64.
    Raises CompilationFailed as the compilation does.
    """
    if data.empty:
        raise ValueError("there are no rows to make probes from")
    walk, _ = walk_through(estimator, contract)
    base = data[list(contract.names)].reset_index(drop=True)
    numbers = [column.name for column in contract.columns if column.kind != "category"]
    base = base.astype(dict.fromkeys(numbers, np.float64))
    ordinary = rng.choice(len(base), size=min(len(base), max(1, limit // 4)), replace=False)
    edits = list(_specials(contract, base, rng))
    if len(edits) > limit // 4:
        chosen = sorted(rng.choice(len(edits), size=max(1, limit // 4), replace=False).tolist())
        edits = [edits[position] for position in chosen]
    edits += [Edit(int(rng.integers(len(base))), {name: text}) for name, text in walk.texts]
    edges = _sample_edges(walk.edges, rng, limit // 4 // _NEIGHBOURS)
    room = (limit - len(ordinary) - len(edits)) // _NEIGHBOURS - len(edges)
    nodes = sample_nodes(walk.splits, rng, room)
    inputs = frame_inputs(contract, base)
    for node, row in reached_by(nodes, walk, graph_inputs(contract), inputs, rng):
        edits += [Edit(row, {node.source.name: each}) for each in _around(node.value, exact=node.source.exact)]
    for source, value in edges:
        around = _around(source.before(value), exact=source.exact)
        edits += [Edit(int(rng.integers(len(base))), {source.name: each}) for each in around]
    return pd.concat([base.iloc[ordinary], _edited(base, edits)], ignore_index=True)


def _around(value: float, *, exact: bool) -> list[float]:
    """A threshold, its neighbours in float64, and in float32 the nearest number and its neighbours.

    Where the graph's numbers aren't `exact` the neighbours are as far away as rounding can't reach. There are none
    where no number of the column is at the threshold.
    """
    if not abs(value) < LARGEST:
        return []
    if not exact:
        steps = np.array([-1e-4, -1e-6, -1e-9, 1e-9, 1e-6, 1e-4])
        return [float(each) for each in value + steps * max(abs(value), 1e-3)]
    single = np.float32(value)
    return [
        value,
        float(np.nextafter(value, -np.inf)),
        float(np.nextafter(value, np.inf)),
        float(single),
        float(np.nextafter(single, np.float32(-np.inf))),
        float(np.nextafter(single, np.float32(np.inf))),
    ]


def _sample_edges(edges: Sequence[tuple[Source, float]], rng: Generator, count: int) -> list[tuple[Source, float]]:
    """About `count` edges, at random, and of each column at least one."""
    usable = [(source, value) for source, value in dict.fromkeys(edges) if isfinite(source.before(value))]
    order = [usable[position] for position in rng.permutation(len(usable)).tolist()]
    first = {source.name: (source, value) for source, value in reversed(order)}
    rest = [edge for edge in order if first[edge[0].name] != edge]
    return [*first.values(), *rest[: max(0, count - len(first))]]


def _specials(contract: Contract, base: pd.DataFrame, rng: Generator) -> Iterator[Edit]:
    optional = [column.name for column in contract.columns if not column.required]
    rows = rng.integers(len(base), size=_PER_VALUE).tolist()
    if optional:
        yield from (Edit(row, dict.fromkeys(optional)) for row in rows)
    for column in contract.columns:
        values = [*_values(column, base[column.name]), *([] if column.required else [None])]
        for value in values:
            yield from (Edit(row, {column.name: value}) for row in rng.integers(len(base), size=_PER_VALUE).tolist())


def _values(column: Column, seen: "pd.Series[Any]") -> list[float | str]:
    """The values of a column that are out of the ordinary."""
    known = seen.dropna()
    if column.kind == "category":
        if column.categories:
            return list(column.categories)
        return [*sorted(map(str, known.unique())), UNSEEN]
    if column.kind == "boolean":
        return [0.0, 1.0]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    wide = 10 * (high - low) + 1
    low = low - wide if column.minimum is None else column.minimum
    high = high + wide if column.maximum is None else column.maximum
    return [low, high, *(value for value in (0.0, -0.0, 5e-324) if low <= value <= high)]


def _edited(base: pd.DataFrame, edits: Sequence[Edit]) -> pd.DataFrame:
    """One row for each edit, with the columns and types of `base`."""
    copies = base.iloc[[edit.row for edit in edits]].reset_index(drop=True)
    for name in base.columns:
        at = [position for position, edit in enumerate(edits) if name in edit.cells]
        if at:
            values = [np.nan if edits[position].cells[name] is None else edits[position].cells[name] for position in at]
            copies.loc[at, name] = values
    return copies
