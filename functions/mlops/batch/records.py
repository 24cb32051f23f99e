"""A sample of a run's answers → prediction records, as the API's: monitoring, feedback and SQL find them as those."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mlops.artifact.matrix import Matrix
from mlops.batch.gzip_lines import GzipLines
from mlops.batch.plan import Plan
from mlops.records.write import write_moment
from mlops.serving.record_lines import RecordLines
from mlops.serving.rows.inspection import Row
from mlops.serving.scorer import Scorer, Scores
from mlops.telemetry import write_json

_ALL = 2.0**64


class RecordSample:
    """The records of a chunk's rows that are in the sample: always the same rows."""

    def __init__(self, plan: Plan, lines: RecordLines) -> None:
        self._plan = plan
        self._lines = lines
        self._start = write_json(
            {
                "record": "prediction",
                "model": plan.model,
                "model_version": plan.version,
                "role": plan.role,
                # That of the ids: a prediction is found by the time in its id.
                "timestamp": write_moment(plan.planned_at),
                "batch_run": plan.run,
            }
        )[:-1]
        self._written = GzipLines()
        self.count = 0

    def add(
        self,
        scorer: Scorer,
        file: int,
        numbers: NDArray[np.int64],
        rows: Sequence[Row],
        scores: Scores,
        ids: pa.StringArray,
    ) -> None:
        """Write the records of those rows of a file, by their numbers, that are in the sample."""
        chosen = np.flatnonzero(_draw(self._plan.run, file, numbers) < self._plan.share * _ALL)
        if not len(chosen):
            return
        places = chosen.tolist()
        some: Sequence[Row] = (
            Matrix(rows.names, rows.numbers[chosen]) if isinstance(rows, Matrix) else [rows[place] for place in places]
        )
        labels = [scores.labels[place] for place in places] if scores.labels else []
        picked = Scores(labels, scores.answer[chosen])
        names = ids.take(pa.array(chosen)).to_pylist()
        # A draft is made of digits, which a missing number has none of.
        is_whole = isinstance(some, Matrix) and bool(np.isfinite(some.numbers).all())
        drafts = self._lines.draft(scorer.contract, some, names) if is_whole else None
        if isinstance(some, Matrix) and not is_whole:
            some = [{name: None if cell != cell else cell for name, cell in row.items()} for row in some]
        self._written.add(self._lines.write(self._start, scorer, some, picked, names, drafts=drafts))
        self.count += len(places)

    def close(self) -> bytes:
        """The lines, gzipped; nothing can be added afterwards."""
        return self._written.close()


def _draw(run: str, file: int, numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A number for each row as if drawn at random, from 0 up to 2^64 (the mixing function of SplitMix64)."""
    seed = np.uint64(int(run[:16], 16) ^ (file << 36))
    with np.errstate(over="ignore"):
        found = (numbers.astype(np.uint64) + seed) * np.uint64(0x9E3779B97F4A7C15)
        found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))
