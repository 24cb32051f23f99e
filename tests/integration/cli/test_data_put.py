"""`mlops data put` says what became of a dataset, and exits 1 unless that is what was wanted."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import reports
from cli.__main__ import app
from cli.errors import CommandError

KEY = "datasets/leaves/leaves.csv"


def put(s3: Any, folder: Path, outcome: str, *words: str, **found: Any) -> Result:
    """Run the command where training has told that outcome."""
    report = {"s3_version": None, "outcome": outcome, "reason": "the reason", "model": "leaves", **found}
    s3.put_object(Bucket="data", Key=f"{KEY}.report.json", Body=json.dumps(report))
    file = folder / "leaves.csv"
    file.write_text("length\n1\n")
    return CliRunner().invoke(app, ["data", "put", str(file), "--model", "leaves", *words])


@pytest.mark.parametrize("outcome", ["promoted", "unchanged", "kept"])
def test_a_dataset_that_made_a_sound_version_is_a_success(s3: Any, tmp_path: Path, outcome: str) -> None:
    done = put(s3, tmp_path, outcome, version=2)
    assert done.exit_code == 0, done.output
    assert f"{outcome}: the reason" in done.stdout
    assert s3.get_object(Bucket="data", Key=KEY)["Body"].read() == b"length\n1\n"


def test_a_version_that_failed_a_gate_is_a_failure_with_its_reason_and_what_to_do(s3: Any, tmp_path: Path) -> None:
    done = put(s3, tmp_path, "refused", version=3)
    assert done.exit_code == 1
    assert "refused: the reason" in done.stdout
    assert "scripts/mlops models show leaves 3" in done.stdout
    assert "scripts/mlops models promote leaves 3 --insist" in done.stdout


def test_a_version_that_waits_for_approval_is_reported_with_the_command_and_its_notes(s3: Any, tmp_path: Path) -> None:
    done = put(s3, tmp_path, "held", version=3, notes=["Recall and F1 of long are 0"])
    assert done.exit_code == 1
    assert "held: the reason" in done.stdout
    assert "scripts/mlops models approve leaves 3" in done.stdout
    assert "note: Recall and F1 of long are 0" in done.stdout


def test_a_dataset_that_breaks_the_contract_is_a_failure_with_what_breaks_it(s3: Any, tmp_path: Path) -> None:
    groups = [
        {"rule": "type", "column": "length", "count": 3, "examples": ["row 7: length must be a number"]},
        {"rule": "rows", "count": 1, "examples": ["there are 40 rows"]},
    ]
    done = put(s3, tmp_path, "rejected", violation_groups=groups, violation_count=4)
    assert done.exit_code == 1
    assert "3 times type in length" in done.stdout
    assert "row 7: length must be a number (type)" in done.stdout
    assert "and 2 more" in done.stdout
    assert "there are 40 rows (rows)" in done.stdout


def test_who_waits_sees_each_step_and_why_a_try_failed(s3: Any, tmp_path: Path) -> None:
    progress = {
        "s3_version": None,
        "state": "retrying",
        "attempt": 1,
        "steps": [
            {"step": "read and check the dataset"},
            {"step": "trial 1 of at most 6: linear: rmse 3; best: linear 3"},
        ],
        "reason": "Away: nobody answers",
    }
    s3.put_object(Bucket="data", Key=f"{KEY}.progress.json", Body=json.dumps(progress))
    done = put(s3, tmp_path, "promoted", version=2)
    assert done.exit_code == 0, done.output
    for words in ("read and check the dataset", "best: linear 3", "try 1 of 3 failed: Away: nobody answers"):
        assert words in done.stderr, done.stderr


def test_who_waits_for_a_training_to_begin_hears_why_none_has(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(reports, "QUIET_SECONDS", 0.0)
    file = tmp_path / "leaves.csv"
    file.write_text("length\n1\n")
    done = CliRunner().invoke(app, ["data", "put", str(file), "--model", "leaves", "--timeout", "1"])
    assert isinstance(done.exception, CommandError)
    first, second, *_ = [line for line in done.stderr.splitlines() if " s  " in line]
    assert first.endswith("waiting for the queue to deliver it to a training")
    assert "no training has begun yet. If one was killed, the queue delivers it again" in second


@pytest.mark.parametrize("outcome", ["refused", "rejected"])
def test_a_program_gets_the_report_and_the_failure(s3: Any, tmp_path: Path, outcome: str) -> None:
    done = put(s3, tmp_path, outcome, "--json", version=3)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["report"]["reason"] == "the reason"
