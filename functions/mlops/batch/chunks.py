"""How many rows a chunk has: as many as a function scores in a good while, by the model's measured speed."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from mlops.artifact.matrix import Matrix, is_numeric
from mlops.batch.scoring import BatchScorer
from mlops.contract import Contract
from mlops.errors.batch import BatchRejected
from mlops.serving.rows.inspection import Row
from mlops.serving.rows.reader import RowReader

SECONDS = 30
"""What a chunk should take: long against a cold start, short against what is lost if the function is killed."""
MOST_SECONDS = 600
"""What a chunk that can't be cut may take; a function has 900."""
_LEAST, _MOST = 5_000, 5_000_000
_ROWS = 4_096
_EXPLAINED = 32
_SPENT = 0.25  # seconds of the measurement, or one run
# Reading, checking and writing, measured as docs/batch.md says: rows of numbers are arrays, others Python objects.
_CELLS = {True: 25_000_000, False: 700_000}  # a second, by whether all columns are numbers


@dataclass(frozen=True)
class Speed:
    """Rows that a function takes in a second, and that the model alone scores."""

    rows: float
    scored: float

    def chunk_rows(self) -> int:
        """Rows of a chunk, to two digits."""
        rows = min(max(self.rows * SECONDS, _LEAST), _MOST)
        digit = 10 ** (len(str(int(rows))) - 2)
        return int(rows // digit * digit)

    def check_whole(self, uri: str, rows: float) -> None:
        """Raise BatchRejected for a file that can't be cut and takes a function too long."""
        seconds = rows / self.rows
        if seconds > MOST_SECONDS:
            raise BatchRejected(
                f"{uri} can't be cut, and about {rows:,.0f} rows take some {seconds:,.0f} s, {MOST_SECONDS} at most: "
                "write it as several files, or as Parquet with row groups of a million rows"
            )


def measure_speed(scorer: BatchScorer, golden: bytes) -> Speed:
    """Measure a version on its golden rows, which are repeated."""
    contract = scorer.contract
    rows = _repeat(RowReader(contract, _ROWS).read(json.dumps({"rows": json.loads(golden)["rows"]}).encode()))
    seconds = _time(scorer, rows)
    if scorer.explains:
        seconds += _time_explanations(scorer, rows[:_EXPLAINED])
    return Speed(1 / (seconds + len(contract.names) / _CELLS[is_numeric(contract.columns)]), 1 / seconds)


def _time(scorer: BatchScorer, rows: Sequence[Row]) -> float:
    """Seconds that a row takes."""
    scorer.score(rows)  # the first run makes what the others use
    count, started = 0, time.perf_counter()
    while count == 0 or time.perf_counter() - started < _SPENT:
        scorer.score(rows)
        count += 1
    return (time.perf_counter() - started) / count / len(rows)


def _time_explanations(scorer: BatchScorer, rows: Sequence[Row]) -> float:
    scored = scorer.score(rows)
    started = time.perf_counter()
    scorer.explain(rows, scored)
    return (time.perf_counter() - started) / len(rows)


def _repeat(rows: Sequence[Row]) -> Sequence[Row]:
    times = -(-_ROWS // len(rows))
    if isinstance(rows, Matrix):
        return Matrix(rows.names, rows.numbers.repeat(times, axis=0)[:_ROWS])
    return [*rows][: len(rows)] * times


def expected_rows(contract: Contract, size: int, compressed: bool) -> float:
    """About how many rows a CSV file has that weren't counted."""
    return size * (4 if compressed else 1) / (6 * len(contract.names))
