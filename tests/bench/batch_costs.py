"""What do batches cost on AWS, and how long do they take, by the rows a second that a function scores?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.batch_costs --rows-per-second 100000

Computed from the list prices and quotas below; look these up before you rely on them. The rows a second are those of a
function with one vCPU, as tests/bench/batch_rows.py measures them or a run's plan has them.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from mlops.batch.chunks import Speed

# US dollars in us-east-1, as of 2025.
LAMBDA_GB_SECOND = 0.0000166667
LAMBDA_REQUEST = 0.20 / 1_000_000
STATE_TRANSITION = 25 / 1_000_000
S3_PUT, S3_GET = 0.005 / 1_000, 0.0004 / 1_000
S3_GB_MONTH = 0.023

MEMORY_GB = 1769 / 1024
START_SECONDS = 6  # of a function's first chunk: its image, the packages and the model are loaded
TRANSITIONS = 3  # of a child execution: its start, its state, its end
PUTS, LISTS = 4, 1  # of a chunk: answers, rejected rows, records, report
BLOCK = 1 << 23  # bytes that a GET reads
ANSWER_BYTES = 16  # of a row's answer in Parquet, with two labels and without a key
CONCURRENCY = 1_000
"""Functions at once that an account may have unless more were asked for; other functions have their share of them."""
MOST_CHILDREN = 10_000
"""Children of a Distributed Map at once."""
MOST_STARTS = 1_000
"""Functions more each ten seconds."""


@dataclass(frozen=True)
class Cost:
    """What so many rows cost and take."""

    rows: int
    chunks: int
    functions: int
    function_seconds: float
    seconds: float
    compute: float
    steps: float
    storage_requests: float
    answers_gb: float

    @property
    def dollars(self) -> float:
        """Everything but keeping the answers."""
        return self.compute + self.steps + self.storage_requests


def compute(rows: int, rows_per_second: float, row_bytes: int, concurrency: int) -> Cost:
    """The cost of a run of chunks as the plan makes them."""
    chunks = math.ceil(rows / Speed(rows_per_second, rows_per_second).chunk_rows())
    functions = min(chunks, concurrency, MOST_CHILDREN)
    busy = rows / rows_per_second + functions * START_SECONDS
    waves = math.ceil(chunks / functions)
    ramp = 10 * functions / MOST_STARTS
    seconds = START_SECONDS + ramp + waves * (rows / chunks / rows_per_second)
    reads = math.ceil(rows * row_bytes / BLOCK)
    return Cost(
        rows=rows,
        chunks=chunks,
        functions=functions,
        function_seconds=busy,
        seconds=seconds,
        compute=busy * MEMORY_GB * LAMBDA_GB_SECOND + chunks * LAMBDA_REQUEST,
        steps=chunks * TRANSITIONS * STATE_TRANSITION,
        storage_requests=chunks * PUTS * S3_PUT + (reads + chunks * 3) * S3_GET,
        answers_gb=rows * ANSWER_BYTES / 1e9,
    )


def table(rows_per_second: float, row_bytes: int, concurrency: int) -> Iterator[str]:
    """A table in Markdown."""
    names = (
        "rows",
        "chunks",
        "functions",
        "functions' time",
        "wall time",
        "compute",
        "steps",
        "S3 requests",
        "together",
    )
    yield f"| {' | '.join(names)} |"
    yield f"| {' | '.join(['---:'] * len(names))} |"
    for power in range(6, 11):
        cost = compute(10**power, rows_per_second, row_bytes, concurrency)
        yield (
            f"| {cost.rows:,} | {cost.chunks:,} | {cost.functions:,} | {cost.function_seconds:,.0f} s "
            f"| {cost.seconds:,.0f} s | ${cost.compute:,.4f} | ${cost.steps:,.4f} | ${cost.storage_requests:,.4f} "
            f"| ${cost.dollars:,.4f} |"
        )


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows-per-second", type=float, required=True, help="of one function")
    parser.add_argument("--row-bytes", type=int, default=240, help="of a row in the files: 30 doubles (240)")
    parser.add_argument("--concurrency", type=int, default=100, help="BatchConcurrency (100)")
    options = parser.parse_args()
    print("\n".join(table(options.rows_per_second, options.row_bytes, options.concurrency)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
