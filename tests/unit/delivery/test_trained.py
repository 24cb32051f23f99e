"""What a pipeline reports of trainings, and the status that it ends with."""

import json
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from delivery.trained import NOT_TRAINED, Trained, exit_status, summarise, write_files
from tests.unit.mlops.serving.artifacts import put_version

FILES = ("functions/models/diagnosis.py",)


def trained(outcome: str) -> Trained:
    return Trained("diagnosis", FILES, outcome, "the reason")


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([], 0),
        (["promoted", "kept", "unchanged"], 0),
        (["promoted", "refused"], 1),
        (["held"], 1),
        (["rejected"], 1),
        (["refused", NOT_TRAINED], 2),
    ],
)
def test_the_status_is_that_of_the_worst_outcome(outcomes: list[str], status: int) -> None:
    assert exit_status([trained(outcome) for outcome in outcomes]) == status


def test_card_report_and_gates_are_written(tmp_path: Path) -> None:
    manifest = put_version(MemoryStore(), passed=False)
    report = {"outcome": "refused", "reason": "version 1 failed its gates"}
    each = Trained("diagnosis", FILES, "refused", "version 1 failed\nits gates", report, manifest, b"<html>")
    summary = write_files([each], tmp_path / "trained").read_text()
    assert "## diagnosis: refused\n\nversion 1 failed its gates\n" in summary
    assert "| accuracy | **failed** | 0.9700 | 0.9500 |  |" in summary
    assert "| accuracy | 0.9700 | \N{EN DASH} |" in summary
    assert "Changed: `functions/models/diagnosis.py`" in summary
    assert (tmp_path / "trained/diagnosis/card.html").read_bytes() == b"<html>"
    assert json.loads((tmp_path / "trained/diagnosis/report.json").read_text()) == report


def test_what_a_dataset_broke_is_listed_as_text(tmp_path: Path) -> None:
    groups = [{"examples": ["row 3: age is <b>`x`|y</b>"]}]
    each = Trained("diagnosis", FILES, "rejected", "no", {"violation_groups": groups})
    assert "- row 3: age is &lt;b>\\`x\\`\\|y&lt;/b>" in summarise([each])


def test_no_change_is_said(tmp_path: Path) -> None:
    assert write_files([], tmp_path).read_text() == "No model's spec or dataset changed.\n"
