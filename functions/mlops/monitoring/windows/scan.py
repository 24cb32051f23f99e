"""The records of a window, read once: what each version's facts are made of."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mlops.monitoring.windows.ids import Ids, parse_ids
from mlops.monitoring.windows.sample import LeastSample
from mlops.monitoring.windows.seen import Seen
from mlops.monitoring.windows.service import Service
from mlops.monitoring.windows.truths import Moments, Places, Truths
from mlops.records.decode import LINE
from mlops.records.read import scan_predictions
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SAMPLE_ROWS = 20_000
"""Rows of a version that are looked at in detail: with their inputs and answers."""
_HOUR = 3.6e9  # microseconds


class Labelled(NamedTuple):
    """A record's line and the truth of its prediction."""

    line: bytes
    truth: str | float


type TakeNew = Callable[[int, Sequence[bytes], Sequence[str | float]], None]
"""Called with a version and its records' lines whose first truth came, and those truths."""


@dataclass
class VersionRecords:
    """What was found of a version: `sample` of its lines, and `with_inputs` of those that have inputs.

    Of the `labelled` predictions there are the `delays` of their truth in hours, and a sample; `renewed` of the truths
    are news.
    """

    service: Service = field(default_factory=Service)
    sample: LeastSample[bytes] = field(default_factory=lambda: LeastSample(SAMPLE_ROWS))
    with_inputs: LeastSample[bytes] = field(default_factory=lambda: LeastSample(SAMPLE_ROWS))
    labelled: int = 0
    renewed: int = 0
    delays: list[NDArray[np.float32]] = field(default_factory=list)
    labelled_sample: LeastSample[Labelled] = field(default_factory=lambda: LeastSample(SAMPLE_ROWS))


@dataclass
class Records:
    """What was found in a window, by version; `joined` [N] are the truths whose prediction was found."""

    versions: dict[int, VersionRecords] = field(default_factory=lambda: defaultdict(VersionRecords))
    joined: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    unreadable: int = 0
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Joining:
    """Truths that records are joined with, of which those are new that were first received in the window `news`."""

    truths: Truths
    news: Window
    take_new: TakeNew


def scan(
    store: "ObjectStore", model: str, window: Window, joining: Joining | None = None, *, sampled: bool = False
) -> Records:
    """The window's records, each once; with their truths and with samples of their lines if that's asked for."""
    return _Scan(joining, sampled=sampled).run(store, model, window)


@dataclass
class _Scan:
    joining: Joining | None
    sampled: bool
    found: Records = field(default_factory=Records)
    seen: Seen = field(default_factory=Seen)

    def run(self, store: "ObjectStore", model: str, window: Window) -> Records:
        self.found.joined = np.zeros(len(self.joining.truths) if self.joining else 0, np.bool_)
        reading = scan_predictions(store, model, window)
        for table in reading:
            ids, is_id = parse_ids(table["prediction_id"])
            if not is_id.all():
                self.found.unreadable += int((~is_id).sum())
                table = table.filter(pa.array(is_id))
            new = self.seen.add(ids)
            self._add(table.filter(pa.array(new)), ids.take(new))
        self.found.unreadable += reading.report.unreadable
        self.found.damaged += [each["object"] for each in reading.report.damaged]
        return self.found

    def _add(self, table: pa.Table, ids: Ids) -> None:
        versions = table["model_version"].to_numpy()
        for version in np.unique(versions).tolist():
            mine = versions == version
            is_all = bool(mine.all())
            rows, own = (table, ids) if is_all else (table.filter(pa.array(mine)), ids.take(mine))
            records = self.found.versions[version]
            records.service.add(rows)
            if self.sampled:
                self._sample(records, rows, own)
            if self.joining:
                self._join(self.joining, version, records, rows[LINE], own)

    def _sample(self, records: VersionRecords, table: pa.Table, ids: Ids) -> None:
        records.sample.offer(ids.keys, lambda places: _pick(table[LINE], places))
        rows = np.flatnonzero(table["inputs"].is_valid().to_numpy())
        records.with_inputs.offer(ids.keys[rows], lambda places: _pick(table[LINE], rows[places]))

    def _join(self, joining: Joining, version: int, records: VersionRecords, lines: pa.ChunkedArray, ids: Ids) -> None:
        truths = joining.truths
        rows, places = truths.find(ids)
        if not len(rows):
            return
        self.found.joined[places] = True
        own = ids.take(rows)
        records.labelled += len(rows)
        records.delays.append(((truths.received[places] - own.milliseconds * 1_000) / _HOUR).astype(np.float32))
        records.renewed += int(_received_in(joining.news, truths.received[places]).sum())
        records.labelled_sample.offer(
            own.keys,
            lambda picked: [
                Labelled(*each) for each in zip(_pick(lines, rows[picked]), truths.take(places[picked]), strict=True)
            ],
        )
        is_new = _received_in(joining.news, truths.first[places])
        if is_new.any():
            joining.take_new(version, _pick(lines, rows[is_new]), truths.take(places[is_new]))


def _received_in(window: Window, moments: Moments) -> NDArray[np.bool_]:
    start, end = (round(moment.timestamp() * 1_000_000) for moment in (window.start, window.end))
    inside: NDArray[np.bool_] = (moments >= start) & (moments < end)
    return inside


def _pick(lines: pa.ChunkedArray, places: Places) -> list[bytes]:
    picked: list[bytes] = lines.take(pa.array(places)).to_pylist()
    return picked
