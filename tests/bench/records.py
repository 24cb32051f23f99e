"""How long does it take to read a day of records, and to join it with its truths, and how much memory?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.records --records 10000000

The day is seeded: records of 30 numbers as the API logs them, in objects of the size that Firehose makes, and truths
for a share of them, of which a tenth belong to predictions that nobody knows, a twentieth come twice and a twentieth
are corrected. It is made in a folder, in two processes, and each figure is taken in a process of its own.
"""

import argparse
import random
import resource
import shutil
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import obstore
import orjson
from obstore.store import LocalStore

from mlops.contract import Column, Contract, Target
from mlops.records.find import find_prediction
from mlops.records.join import join_truths
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.query import open_stretch
from mlops.records.read import read_predictions
from mlops.records.standing import FeedbackSource
from mlops.records.truths import Truth
from mlops.records.window import Window
from mlops.records.write import make_object

DAY = date(2026, 11, 28)
MODEL = "diagnosis"
LABELS = ("benign", "malignant")
COLUMNS = [f"{statistic} feature {number}" for statistic in ("mean", "error", "worst") for number in range(10)]
CONTRACT = Contract(
    columns=tuple(Column(name=name) for name in COLUMNS), target=Target(name="kind", task="binary", labels=LABELS)
)
PER_OBJECT = 50_000  # 60 MB, between the 64 MB at which Firehose closes a buffer and what 5 minutes bring
TRUTHS_PER_OBJECT = 20_000

_START = Window.of_day(DAY).start
_LINE = (
    b'{"level":"INFO","message":"prediction","timestamp":"%b","service":"api","record":"prediction","model":"diagnosis",'
    b'"model_version":7,"role":"champion","latency_ms":%b,"function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef",'
    b'"request_id":"JKJaXmPLvHcESHA=","prediction_id":"%b","label":"%b","probability":%b,'
    b'"probabilities":{"benign":%b,"malignant":%b},"inputs":{'
    + b",".join(b'"%b":%%b' % name.encode() for name in COLUMNS)
    + b"}}\n"
)


def make_ids(first: int, count: int, total: int) -> list[str]:
    """The ids of predictions `first` to `first + count` of `total`, spread evenly over the day; seeded."""
    draw = random.Random(first)
    milliseconds = int(_START.timestamp() * 1000)
    ids = []
    for number in range(first, first + count):
        stamp = f"{milliseconds + number * 86_400_000 // total:012x}"
        tail = f"{draw.getrandbits(60):015x}"
        ids.append(f"{stamp[:8]}-{stamp[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[3:]}")
    return ids


def write_object(folder: str, first: int, count: int, total: int) -> None:
    """One object of prediction records."""
    rng = np.random.default_rng(first)
    ids = make_ids(first, count, total)
    chance = rng.random(count)
    cells = np.round(rng.lognormal(2, 1, (count, len(COLUMNS))), 4)
    numbers = np.column_stack(
        [rng.gamma(2, 1, count).round(3), np.maximum(chance, 1 - chance), 1 - chance, chance, cells]
    )
    digits = orjson.dumps(numbers.ravel(), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    lines = []
    for row, (name, parts) in enumerate(zip(ids, batched(digits, numbers.shape[1], strict=True), strict=True)):
        moment = _START + timedelta(milliseconds=(first + row) * 86_400_000 // total)
        label = LABELS[int(chance[row] > 0.5)]
        stamp = moment.isoformat(timespec="milliseconds").encode()
        lines.append(_LINE % (stamp, parts[0], name.encode(), label.encode(), *parts[1:]))
    arrival = (_START + timedelta(milliseconds=first * 86_400_000 // total)).strftime("%Y-%m-%d-%H-%M-%S")
    compressor = zlib.compressobj(1, wbits=31)
    content = compressor.compress(b"".join(lines)) + compressor.flush()
    obstore.put(
        LocalStore(folder), f"{day_prefix(PREDICTION, MODEL, DAY)}records-1-{arrival}-{first:012d}.json.gz", content
    )


def write_truths(folder: str, total: int, share: float) -> int:
    """Feedback for a share of the predictions, two days later; returns the lines."""
    store = LocalStore(folder)
    received = _START + timedelta(days=2)
    written = 0
    for first in range(0, total, PER_OBJECT):
        count = min(PER_OBJECT, total - first)
        rng = np.random.default_rng(first + 1)
        ids = make_ids(first, count, total)
        chosen = rng.choice(count, int(count * share), replace=False)
        truths = []
        for place in chosen:
            known = rng.random() >= 0.1
            name = ids[place] if known else f"{ids[place][:24]}{rng.integers(1 << 47):012x}"
            truth = Truth(name, LABELS[rng.integers(2)], received - timedelta(hours=rng.random() * 40))
            truths.append(truth)
            fate = rng.random()
            if fate < 0.05:
                truths.append(truth)
            elif fate < 0.1:
                truths.append(Truth(name, LABELS[0], truth.at + timedelta(minutes=1)))
        rng.shuffle(truths)
        for part in batched(truths, TRUTHS_PER_OBJECT, strict=False):
            made = make_object(MODEL, part, received, "api")
            obstore.put(store, made.key, made.content)
            written += made.count
    return written


def read_day(folder: str, total: int) -> str:
    """Read all columns of the day."""
    reading = read_predictions(LocalStore(folder), MODEL, CONTRACT, Window.of_day(DAY))
    records = sum(table.num_rows for table in reading)
    assert records == total
    assert not reading.report.unreadable
    return f"{records:,} records, {reading.report.compressed_bytes / 1e9:.2f} GB in {reading.report.objects} objects"


def join_day(folder: str, total: int) -> str:
    """Join the day with its truths, all columns of it."""
    joined = join_truths(_source(folder), Window.of_day(DAY))
    rows = sum(table.num_rows for table in joined)
    assert rows == joined.counts.used
    return str(joined.counts)


def query_day(folder: str, total: int) -> str:
    """Load the day for SQL and ask one question."""
    with open_stretch(_source(folder), Window.of_day(DAY)) as stretch:
        found = stretch.sql("SELECT label, truth, count(*) AS n FROM truths GROUP BY ALL ORDER BY ALL").to_pylist()
    return str([tuple(row.values()) for row in found])


def find_one(folder: str, total: int) -> str:
    """Find one prediction by its id."""
    wanted = make_ids(0, 1, total)[0]
    assert find_prediction(LocalStore(folder), wanted)
    return wanted


def _source(folder: str) -> FeedbackSource:
    received = Window(_START, _START + timedelta(days=3))
    return FeedbackSource(LocalStore(folder), MODEL, CONTRACT, received)


MEASURED: dict[str, Callable[[str, int], str]] = {
    "read": read_day,
    "join": join_day,
    "sql": query_day,
    "find": find_one,
}


def measure(step: str, folder: str, total: int) -> tuple[str, float, float, float, float]:
    """What a step found, its seconds, its processor seconds, and the process's peak memory before and after, GB."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    found = MEASURED[step](folder, total)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return found, seconds, used, before.ru_maxrss / 1e6, after.ru_maxrss / 1e6


def make_day(folder: str, total: int, share: float) -> None:
    """Write the records and truths."""
    starts = range(0, total, PER_OBJECT)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for _ in pool.map(write_object, *_columns(folder, starts, total)):
            pass
        lines = pool.submit(write_truths, folder, total, share).result()
    print(f"made {total:,} records and {lines:,} lines of feedback", flush=True)


def _columns(folder: str, starts: Sequence[int], total: int) -> Iterator[Sequence[str | int]]:
    yield [folder] * len(starts)
    yield starts
    yield [min(PER_OBJECT, total - start) for start in starts]
    yield [total] * len(starts)


def main() -> None:
    """Print time and memory of each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--truths", type=float, default=0.1, help="share of the predictions that have a truth")
    parser.add_argument("--steps", nargs="+", default=[*MEASURED], choices=[*MEASURED])
    parser.add_argument("--folder", type=Path, help="keep the day there, and use it if it's there already")
    options = parser.parse_args()
    folder = options.folder or Path(mkdtemp(prefix="records-"))
    try:
        if not folder.exists() or not any(folder.iterdir()):
            folder.mkdir(exist_ok=True)
            started = datetime.now(UTC)
            make_day(str(folder), options.records, options.truths)
            print(f"in {(datetime.now(UTC) - started).seconds} s", flush=True)
        for step in options.steps:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                found, seconds, used, before, after = pool.submit(measure, step, str(folder), options.records).result()
            print(
                f"{step:5} {seconds:7.1f} s  {used:7.1f} s of processor  {before:.2f} → {after:.2f} GB  {found}",
                flush=True,
            )
    finally:
        if options.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
