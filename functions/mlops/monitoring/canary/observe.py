"""Records and truths → what was observed of a canary.

A row that came several times counts once: where the contract has the model's key, by that, else by its recorded inputs.
Observations stand in the order in which their truth was first received, so a look goes on where the one before ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from mlops.evaluation.metrics.answers import Floats
from mlops.monitoring.canary.losses import Loss
from mlops.monitoring.canary.observed import Mask, Observed
from mlops.monitoring.windows.ids import Ids, Numbers, parse_ids
from mlops.monitoring.windows.requests import REFUSAL, Requests, read_lines
from mlops.monitoring.windows.seen import Seen
from mlops.monitoring.windows.truths import Moments, Places, Truths, read_truths
from mlops.records.read import read_predictions
from mlops.records.standing import FeedbackSource
from mlops.records.window import Window
from mlops.registry.manifest.manifest import Manifest

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_SLOW_QUANTILE, _SLOW_FACTOR, _SLOW_ADDEND = 0.95, 1.25, 5.0  # milliseconds
_FIELDS = (
    *("role", "latency_ms", "label", "probability", "value", "inputs"),
    *("challenger_version", "challenger_label", "challenger_probability", "challenger_value"),
)
_CHAMPION, _CHALLENGER, _FALLBACK = "champion", "challenger", "fallback"
REFUSED = "model version refused"
"""The message of the line by which an instance reports a version that it can't use."""


@dataclass(frozen=True)
class Trial:
    """Two versions that answer at the same time since `started`; `key` are the columns that feedback may name."""

    challenger: Manifest
    champion: Manifest
    started: datetime
    key: tuple[str, ...] = ()

    @property
    def identity(self) -> list[str]:
        """The recorded columns that say which rows are the same."""
        recorded = [column.name for column in self.champion.contract.columns if column.privacy != "drop"]
        key = self.champion.key
        return [*key] if key and set(key) <= set(recorded) else recorded


def observe(store: "ObjectStore", trial: Trial, loss: Loss, now: datetime) -> tuple[Observed, tuple[str, ...]]:
    """What the records bucket has of a trial by now, and the objects that couldn't be read to their end."""
    return _Observation(store, trial, loss, Window(trial.started, now)).run()


def make_blocks(losses: Floats, theirs: Mask) -> Floats:
    """The loss of each row of the challenger minus the mean of the champion's rows since the one before.

    `losses` [n] are in order, `theirs` [n] says whose they are. Each row counts once, so the differences are
    independent; a row of the challenger without one of the champion's before it is left out.
    """
    places = np.flatnonzero(theirs)
    sums = np.concatenate([[0.0], np.cumsum(np.where(theirs, 0.0, losses))])
    counts = np.concatenate([[0], np.cumsum(~theirs)])
    starts = np.concatenate([[0], places])[:-1]
    rows = counts[places] - counts[starts]
    has_rows = rows > 0
    means = (sums[places] - sums[starts])[has_rows] / rows[has_rows]
    differences: Floats = losses[places[has_rows]] - means
    return differences


def slow_limit(latencies: Floats) -> float:
    """From how many milliseconds on an answer is slow, by the champion's latencies; infinite without any."""
    if not len(latencies):
        return float("inf")
    return float(np.quantile(latencies, _SLOW_QUANTILE)) * _SLOW_FACTOR + _SLOW_ADDEND


@dataclass
class _Labelled:
    """Rows with truth [n]: when that came first, which row it is, whose answer, its loss, and the shadow's difference.

    `difference` is NaN where the challenger wasn't scored on the row.
    """

    first: Moments
    keys: Numbers
    identity: Numbers
    theirs: Mask
    loss: Floats
    difference: Floats

    def take(self, rows: NDArray[np.generic]) -> "_Labelled":
        return _Labelled(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass
class _Observation:
    store: "ObjectStore"
    trial: Trial
    loss: Loss
    window: Window
    damaged: set[str] = field(default_factory=set)
    seen: Seen = field(default_factory=Seen)

    def __post_init__(self) -> None:
        self.model = self.trial.champion.model
        self.contract = self.trial.champion.contract
        self.answers: list[tuple[Ids, NDArray[np.object_], Floats]] = []
        self.labelled: list[_Labelled] = []

    def run(self) -> tuple[Observed, tuple[str, ...]]:
        source = FeedbackSource(self.store, self.model, self.contract, self.window, self.trial.key)
        truths, _, damaged = read_truths(source)
        self.damaged |= {*damaged}
        for table, ids in self._tables():
            self.answers.append((ids, table["role"].to_numpy(), table["latency_ms"].to_numpy().astype(np.float64)))
            rows, places = truths.find(ids)
            if len(rows):
                self._take_labelled(table.take(pa.array(rows)), ids.take(rows), truths, places)
        paired, unpaired = self._differences()
        failed, slow, champions, limit = self._requests()
        refused = self._find_refusal()
        return Observed(paired, unpaired, failed, slow, champions, limit, refused), tuple(sorted(self.damaged))

    def _tables(self) -> Iterator[tuple[pa.Table, Ids]]:
        """The trial's records, each once."""
        versions = (self.trial.champion.version, self.trial.challenger.version)
        reading = read_predictions(
            self.store,
            self.model,
            self.contract,
            self.window,
            versions=versions,
            fields=_FIELDS,
            inputs=self.trial.identity,
        )
        for table in reading:
            ids, is_id = parse_ids(table["prediction_id"])
            table = table.filter(pa.array(is_id))
            version, role = table["model_version"].to_numpy(), table["role"].to_numpy()
            chosen = self.seen.add(ids)
            chosen &= np.where(
                version == versions[1], role == _CHALLENGER, (role == _CHAMPION) | (role == _FALLBACK)
            ).astype(np.bool_)
            if chosen.any():
                yield table.filter(pa.array(chosen)), ids.take(chosen)
        self.damaged |= {each["object"] for each in reading.report.damaged}

    def _take_labelled(self, table: pa.Table, ids: Ids, truths: Truths, places: Places) -> None:
        theirs = np.asarray(table["role"].to_numpy() == _CHALLENGER, np.bool_)
        given, shadow = self._losses(table, truths.values[places])
        tried = table["challenger_version"].to_numpy() == self.trial.challenger.version
        difference = np.where(tried & ~theirs, self.loss.difference(shadow, given), np.nan)
        found = _Labelled(truths.first[places], ids.keys, self._identify(table, ids), theirs, given, difference)
        self.labelled.append(found.take(np.isfinite(given)))

    def _losses(self, table: pa.Table, truth: Floats) -> tuple[Floats, Floats]:
        """The losses of the answers [n], and of the challenger's in the shadow [n]; NaN where there's none."""
        labels = self.contract.target.labels
        if not labels:
            value, shadow = (_numbers(table, name) for name in ("value", "challenger_value"))
            return self.loss.of_values(value, truth), self.loss.of_values(shadow, truth)
        is_label = np.isfinite(truth)
        true = np.array([*labels], np.object_)[np.where(is_label, truth, 0).astype(np.intp)]
        found = []
        for prefix in ("", "challenger_"):
            label = table[f"{prefix}label"].to_numpy()
            losses = self.loss.of_labels(label, _numbers(table, f"{prefix}probability"), true)
            found.append(np.where(is_label & table[f"{prefix}label"].is_valid().to_numpy(), losses, np.nan))
        return found[0], found[1]

    def _identify(self, table: pa.Table, ids: Ids) -> Numbers:
        """A number for each row [n], the same for the same row; where nothing is recorded, the prediction's own."""
        if "inputs" not in table.column_names:
            return ids.keys
        inputs = table["inputs"].combine_chunks()
        cells = pd.DataFrame({str(place): each.to_pandas() for place, each in enumerate(inputs.flatten())})
        hashed = pd.util.hash_pandas_object(cells, index=False).to_numpy()
        recorded = inputs.is_valid().to_numpy(zero_copy_only=False)
        return np.where(recorded, hashed, ids.keys).astype(np.uint64)

    def _differences(self) -> tuple[Floats, Floats]:
        """The differences on the same rows, and on different ones."""
        if not self.labelled:
            return np.zeros(0), np.zeros(0)
        names = _Labelled.__dataclass_fields__
        rows = _Labelled(*(np.concatenate([getattr(part, name) for part in self.labelled]) for name in names))
        rows = rows.take(np.lexsort((rows.keys, rows.first)))
        pairs = rows.take(np.isfinite(rows.difference))
        # By whom a row is answered depends on it, so the same row never stands on both sides.
        alone = rows.take(_first_of_each(rows.identity))
        blocks = np.zeros(0) if self.loss.name == "further off" else make_blocks(alone.loss, alone.theirs)
        return pairs.difference[_first_of_each(pairs.identity)], blocks

    def _requests(self) -> tuple[Mask, Mask, int, float]:
        """Which requests of the challenger's share failed, which of its answers were slow, and the champion's number.

        A request's rows have ids that follow on each other.
        """
        if not self.answers:
            return np.zeros(0, np.bool_), np.zeros(0, np.bool_), 0, float("inf")
        high = np.concatenate([ids.high for ids, _, _ in self.answers])
        low = np.concatenate([ids.low for ids, _, _ in self.answers])
        order = np.lexsort((low, high))
        high, low = high[order], low[order]
        goes_on = (high[1:] == high[:-1]) & (low[1:] == low[:-1] + np.uint64(1))
        first = order[np.concatenate([[True], ~goes_on])]
        role = np.concatenate([roles for _, roles, _ in self.answers])[first]
        latency = np.concatenate([latencies for _, _, latencies in self.answers])[first]
        known = np.isfinite(latency)
        limit = slow_limit(latency[(role == _CHAMPION) & known])
        share = role[role != _CHAMPION]
        slow = latency[(role == _CHALLENGER) & known] > limit
        return share == _FALLBACK, slow, int((role == _CHAMPION).sum()), limit

    def _find_refusal(self) -> str | None:
        """Why an instance couldn't use the version that is tried, if one couldn't."""
        found = Requests()
        for line in read_lines(self.store, REFUSAL, self.model, self.window, found):
            if line.get("model_version") == self.trial.challenger.version and line.get("message") == REFUSED:
                return str(line.get("reason"))
        self.damaged |= {*found.damaged}
        return None


def _numbers(table: pa.Table, name: str) -> Floats:
    numbers: Floats = table[name].to_numpy().astype(np.float64)
    return numbers


def _first_of_each(identity: Numbers) -> Places:
    """The positions of the first of equal rows, in order."""
    _, first = np.unique(identity, return_index=True)
    return np.sort(first)
