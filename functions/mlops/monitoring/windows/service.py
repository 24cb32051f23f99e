"""How a version served: counts that don't grow with the traffic."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.evaluation.closed_form import wilson
from mlops.evaluation.metrics.answers import Floats
from mlops.monitoring.facts import Figure, ServiceFacts

_LEAST = 0.001  # milliseconds
_STEP = 1.01
_CELLS = 2_400  # up to 2 * 10**7 milliseconds


class Latencies:
    """A histogram whose cells are a hundredth wide: quantiles are within half of that."""

    def __init__(self) -> None:
        self._counts = np.zeros(_CELLS, np.int64)

    def add(self, values: Floats) -> None:
        """Count values in milliseconds; those that aren't known are left out."""
        known = values[np.isfinite(values)]
        cells = np.floor(np.log(np.maximum(known, _LEAST) / _LEAST) / np.log(_STEP)).astype(np.int64)
        self._counts += np.bincount(np.minimum(cells, _CELLS - 1), minlength=_CELLS)

    def quantile(self, share: float) -> float | None:
        """The value that `share` of the values don't exceed; None without values."""
        total = int(self._counts.sum())
        if not total:
            return None
        cell = int(np.searchsorted(np.cumsum(self._counts), max(1, np.ceil(share * total))))
        return round(float(_LEAST * _STEP ** (cell + 0.5)), 4)


@dataclass
class Service:
    """What a version did: predictions, the roles in which it answered, latencies, and how often challengers agreed."""

    predictions: int = 0
    roles: Counter[str] = field(default_factory=Counter)
    latencies: Latencies = field(default_factory=Latencies)
    challenged: Counter[int] = field(default_factory=Counter)
    compared: Counter[int] = field(default_factory=Counter)
    disagreed: Counter[int] = field(default_factory=Counter)

    def add(self, table: pa.Table) -> None:
        """Count records, of `common_schema`."""
        self.predictions += table.num_rows
        self.roles.update(_count(table["role"]))
        self.latencies.add(table["latency_ms"].to_numpy())
        self.challenged.update(_count(table["challenger_version"]))
        # Null where there are no two labels.
        differ = pc.not_equal(table["label"], table["challenger_label"])
        self.compared.update(_count(table["challenger_version"].filter(pc.is_valid(differ))))
        self.disagreed.update(_count(table["challenger_version"].filter(pc.fill_null(differ, False))))

    @property
    def role(self) -> str:
        """The role of most answers."""
        return min(self.roles, key=lambda role: (-self.roles[role], role), default="")

    def facts(self) -> ServiceFacts:
        """The facts. The most frequent challenger is compared, by labels: numbers don't agree or disagree."""
        challenger = min(self.challenged, key=lambda version: (-self.challenged[version], -version), default=None)
        disagreement = None
        if challenger is not None and (rows := self.compared[challenger]):
            share = self.disagreed[challenger] / rows
            interval = wilson(share, rows)
            disagreement = Figure(value=share, low=interval.low, high=interval.high, level=interval.level, rows=rows)
        return ServiceFacts(
            predictions=self.predictions,
            latency_p50=self.latencies.quantile(0.5),
            latency_p99=self.latencies.quantile(0.99),
            challenger=challenger,
            disagreement=disagreement,
        )


def _count(values: pa.ChunkedArray) -> dict[Any, int]:
    counted = pc.value_counts(values.combine_chunks())
    return {each["values"].as_py(): each["counts"].as_py() for each in counted if each["values"].is_valid}
