"""Exactly one truth each, the counts agree, and ending the process anywhere changes nothing."""

import gzip
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import obstore
import pytest
from obstore.store import LocalStore, ObjectStore

from mlops.records.join import JoinCounts, join_truths
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.standing import FeedbackSource
from mlops.records.truths import MAX_TRUTHS, Truth, read_truths
from mlops.records.window import Window
from mlops.records.write import store_feedback
from tests.integration.records.conftest import CONTRACT, FIRST, MODEL, RECEIVED, Delivery, body, make_delivery
from tests.integration.records.killed import KILLED

ROOT = Path(__file__).parents[3]


def put_predictions(store: ObjectStore, delivery: Delivery) -> None:
    """Records of the predictions, an object a day; some are delivered twice."""
    days: dict[Any, list[bytes]] = {}
    for number, (name, made) in enumerate(delivery.predictions.items()):
        record = {
            "record": "prediction",
            "prediction_id": name,
            "timestamp": made.isoformat(timespec="milliseconds"),
            "model_version": 1,
            "label": "yes",
            "inputs": {"income": 1.5, "age": 40.0},
        }
        days.setdefault(made.date(), []).extend([json.dumps(record).encode()] * (1 + (number % 50 == 0)))
    for day, lines in days.items():
        obstore.put(store, f"{day_prefix(PREDICTION, MODEL, day)}records.json.gz", gzip.compress(b"\n".join(lines), 1))


def join(store: ObjectStore) -> tuple[dict[str, tuple[str, datetime]], JoinCounts]:
    """The joined truths by id, each once, and the counts."""
    received = Window(FIRST, RECEIVED + timedelta(days=30))
    joined = join_truths(FeedbackSource(store, MODEL, CONTRACT, received), fields=())
    rows = [row for table in joined for row in table.to_pylist()]
    found = {row["prediction_id"]: (row["truth"], row["truth_at"]) for row in rows}
    assert len(found) == len(rows)
    return found, joined.counts


def check(store: ObjectStore, delivery: Delivery) -> None:
    found, counts = join(store)
    standing = delivery.standing()
    assert found == {
        name: (standing[name].truth, standing[name].at) for name in standing.keys() & delivery.predictions.keys()
    }
    assert counts == delivery.counts()
    parts = (counts.used, counts.superseded, counts.duplicates, counts.unknown, counts.elsewhere)
    assert counts.received == sum(parts) + sum(counts.invalid.values())


def send(store: ObjectStore, lines: Sequence[Truth]) -> None:
    """The lines in requests, as the API takes them."""
    for start in range(0, len(lines), MAX_TRUTHS):
        truths = read_truths(body([*lines[start : start + MAX_TRUTHS]]), CONTRACT.target, RECEIVED)
        store_feedback(store, MODEL, truths, RECEIVED)


def run(**job: Any) -> subprocess.CompletedProcess[str]:
    """One delivery in a process of its own."""
    environ = {"PYTHONPATH": f"{ROOT / 'functions'}"}
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), json.dumps(job)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def contents(bucket: Path) -> dict[str, bytes]:
    return {
        path.relative_to(bucket).as_posix(): path.read_bytes() for path in sorted(bucket.rglob("*")) if path.is_file()
    }


def test_by_requests_there_is_one_truth_each_and_the_counts_agree(tmp_path: Path, delivery: Delivery) -> None:
    store = LocalStore(tmp_path)
    put_predictions(store, delivery)
    send(store, delivery.lines)
    check(store, delivery)
    assert 0.08 < delivery.counts().unknown / len(delivery.standing()) < 0.12


def test_the_order_in_which_they_are_sent_does_not_matter(tmp_path: Path, delivery: Delivery) -> None:
    store = LocalStore(tmp_path)
    put_predictions(store, delivery)
    shuffled = [*delivery.lines]
    Random(1).shuffle(shuffled)
    send(store, shuffled)
    check(store, delivery)


def test_a_file_that_is_ended_at_every_point_and_repeated_ends_in_the_same_state(
    tmp_path: Path, delivery: Delivery
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    path = tmp_path / "truths.csv"
    lines = delivery.csv().splitlines()
    wrong = [*lines[:50_000], f"{delivery.lines[0].prediction_id},maybe,{RECEIVED.isoformat()}", *lines[50_000:]]
    path.write_text("\n".join(wrong))
    job = {
        "kind": "file",
        "model": MODEL,
        "contract": CONTRACT.model_dump(mode="json"),
        "source": f"feedback/{MODEL}/truths.csv",
        "path": str(path),
        "now": RECEIVED.isoformat(),
    }
    whole.mkdir()
    ended = run(**job, bucket=str(whole), stop=-1)
    assert ended.returncode == 0, ended.stderr
    moments = int(ended.stdout)
    assert moments == 2 * (1 + 6 + 1 + 1)  # the claim, an object for each 20,000 rows, the rejected row, the report
    killed.mkdir()
    for stop in range(moments):
        # Each run is repeated until it gets beyond this point: the last one finds everything done but for this.
        ended = run(**job, bucket=str(killed), stop=stop)
        assert ended.returncode in (0, KILLED), ended.stderr
    ended = run(**job, bucket=str(killed), stop=-1)
    assert ended.returncode == 0, ended.stderr
    assert contents(killed) == contents(whole)
    put_predictions(LocalStore(killed), delivery)
    found, counts = join(LocalStore(killed))
    standing = delivery.standing()
    assert found.keys() == standing.keys() & delivery.predictions.keys()
    assert counts == delivery.counts()


@pytest.mark.parametrize("stop", [0, 1])
def test_a_request_that_is_ended_before_or_after_its_write_and_repeated_is_stored_once(
    tmp_path: Path, stop: int
) -> None:
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    sent = make_delivery(400)
    path = tmp_path / "body.json"
    path.write_bytes(body(sent.lines))
    job = {
        "kind": "request",
        "model": MODEL,
        "contract": CONTRACT.model_dump(mode="json"),
        "path": str(path),
        "bucket": str(bucket),
    }
    ended = run(**job, now=RECEIVED.isoformat(), stop=stop)
    assert ended.returncode == KILLED, ended.stderr
    assert len(contents(bucket)) == stop
    ended = run(**job, now=(RECEIVED + timedelta(seconds=9)).isoformat(), stop=-1)
    assert ended.returncode == 0, ended.stderr
    assert len(contents(bucket)) == 1
    put_predictions(LocalStore(bucket), sent)
    assert join(LocalStore(bucket))[1] == sent.counts()
