"""Truths come back by a file and by requests, meet their predictions in the records bucket, and are counted."""

import csv
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cli.records.stretch import open_records
from localaws_testing.waiting import wait_until
from mlops.records.find import find_prediction
from mlops.records.recover import FAILED
from tests.e2e.conftest import ROOT, Loop, running_loop

SECONDS = 120


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    """A loop of its own, in which the clock may be moved: its functions have the moved time."""
    with running_loop("--no-mlflow") as found:
        yield found


def mlops(*words: str) -> Any:
    done = subprocess.run([ROOT / "scripts/mlops", *words, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def deliver(loop: Loop) -> None:
    """Move the clock of local AWS on by as much as Firehose gathers records."""
    port = str(loop.started.ports["port"])
    subprocess.run([ROOT / ".venv/bin/localaws", "tick", "5m", "--port", port], check=True, capture_output=True)


def is_delivered(loop: Loop, prediction_id: str) -> bool:
    """Whether a record is in the records bucket, after the time that it takes."""
    deliver(loop)
    return find_prediction(open_records(loop.stack), prediction_id) is not None


def predict(loop: Loop, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = loop.api.post("/predict", json={"rows": rows})
    assert answer.is_success, answer.text
    found: list[dict[str, Any]] = answer.json()["predictions"]
    return found


@pytest.mark.usefixtures("calls_on_record")
def test_truths_of_a_file_and_of_a_request_meet_their_predictions(
    loop: Loop, row: dict[str, Any], tmp_path: Path
) -> None:
    predictions = predict(loop, [row] * 4)
    ids = [each["prediction_id"] for each in predictions]
    found = mlops("logs", "prediction", ids[0])
    assert found["prediction"]["label"] == predictions[0]["label"]
    assert found["prediction"]["inputs"] == row

    early, late = ((datetime.now(UTC) - timedelta(hours=hours)).isoformat() for hours in (2, 1))
    unknown = f"{ids[0][:-12]}{'0' * 12}"
    lines = [f"{name},benign,{early}" for name in (*ids[:3], unknown)]
    lines += [f"{ids[0]},malignant,{late}", f"{ids[1]},maybe,{late}", f"{ids[2]},benign,{early}"]
    file = tmp_path / f"truths-{ids[0]}.csv"
    file.write_text("\n".join(["prediction_id,truth,at", *lines, ""]))
    put = mlops("feedback", "put", str(file), "--model", "diagnosis")
    assert (put["report"]["outcome"], put["report"]["stored"]) == ("stored", 6)
    assert put["report"]["rejected"]["reasons"] == {"label": 1}
    assert put["report"]["s3_version"] == put["s3_version"]
    again = mlops("feedback", "put", str(file), "--model", "diagnosis")
    assert again["report"]["outcome"] == "unchanged"
    assert mlops("feedback", "send", ids[3], "malignant")["stored"] == 1

    assert wait_until(lambda: is_delivered(loop, ids[3]), SECONDS)
    names = ", ".join(f"'{name}'" for name in ids)
    query = f"SELECT prediction_id, truth FROM truths WHERE prediction_id IN ({names}) ORDER BY 1"
    rows = mlops("records", "query", "diagnosis", query)
    truths = ["malignant", "benign", "benign", "malignant"]
    assert rows == [{"prediction_id": name, "truth": truth} for name, truth in zip(ids, truths, strict=True)]
    counts = mlops("records", "count", "diagnosis")["feedback"]
    assert counts["used"] >= 4
    assert counts["unknown"] >= 1
    assert counts["superseded"] >= 1
    assert counts["duplicates"] >= 1
    parts = ("used", "superseded", "duplicates", "unknown", "elsewhere")
    assert counts["received"] == sum(counts[name] for name in parts) + sum(counts["invalid"].values())
    assert mlops("logs", "prediction", ids[0])["place"] == loop.stack.outputs["RecordsBucketName"]


@pytest.mark.usefixtures("calls_on_record")
def test_the_records_of_a_batch_that_firehose_cannot_split_are_recovered(
    loop: Loop, row: dict[str, Any], tmp_path: Path
) -> None:
    started = datetime.now(UTC).isoformat()
    ids = {each["prediction_id"] for each in predict(loop, [row] * 600)}
    assert wait_until(lambda: is_delivered(loop, min(ids)), SECONDS)
    file = tmp_path / "predictions.csv"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    export = mlops("records", "export", "diagnosis", str(file), "--from", started, "--to", tomorrow)
    assert export["rows"] >= 600
    exported = {line["prediction_id"]: line for line in csv.DictReader(StringIO(file.read_text()))}
    assert ids <= exported.keys()
    assert float(exported[min(ids)]["inputs.mean radius"]) == row["mean radius"]
    bucket = loop.stack.outputs["RecordsBucketName"]
    assert wait_until(lambda: "Contents" not in loop.stack.s3.list_objects_v2(Bucket=bucket, Prefix=FAILED), SECONDS)


def test_a_file_without_the_columns_of_feedback_is_a_failure_that_says_so(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    done = subprocess.run(
        [ROOT / "scripts/mlops", "feedback", "put", file, "--model", "diagnosis"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "rejected: feedback/diagnosis/other.csv can't be used as feedback: it must have the columns" in done.stdout


@pytest.fixture(autouse=True)
def _loop(loop: Loop) -> None:
    """Every test talks to the stack of the loop."""
