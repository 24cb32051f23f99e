"""`mlops feedback` says what became of truths, and exits 1 if none could be used."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app

KEY = "feedback/leaves/truths.csv"
REJECTED: dict[str, Any] = {
    "rows": 7,
    "examples": [{"row": row, "rule": "label", "message": "must be one of oak", "truth": "fir"} for row in range(7)],
    "all": "s3://records/feedback-files/rejected.jsonl.gz",
}


def put(s3: Any, folder: Path, outcome: str, *words: str, **found: Any) -> Result:
    """Run the command where ingestion has ended with that outcome."""
    report = {"s3_version": None, "outcome": outcome, "reason": "the reason", "model": "leaves", **found}
    s3.put_object(Bucket="data", Key=f"{KEY}.report.json", Body=json.dumps(report))
    file = folder / "truths.csv"
    file.write_text("prediction_id,truth,at\n")
    return CliRunner().invoke(app, ["feedback", "put", str(file), "--model", "leaves", *words])


@pytest.mark.parametrize(("outcome", "code"), [("stored", 0), ("unchanged", 0), ("rejected", 1)])
def test_the_outcome_is_printed_and_a_rejection_is_a_failure(s3: Any, tmp_path: Path, outcome: str, code: int) -> None:
    done = put(s3, tmp_path, outcome)
    assert done.exit_code == code, done.output
    assert f"{outcome}: the reason" in done.stdout
    assert ("scripts/mlops records count leaves" in done.stdout) == (outcome == "stored")
    assert s3.get_object(Bucket="data", Key=KEY)["Body"].read() == b"prediction_id,truth,at\n"


def test_rows_that_cannot_be_used_are_shown_by_example_and_all_of_them_are_named(s3: Any, tmp_path: Path) -> None:
    done = put(s3, tmp_path, "stored", rejected=REJECTED)
    assert done.exit_code == 0
    assert "row 0: must be one of oak (truth 'fir')" in done.stdout
    assert "row 5" not in done.stdout
    assert "all of them: s3://records/feedback-files/rejected.jsonl.gz" in done.stdout


def test_a_program_gets_the_report_and_the_failure(s3: Any, tmp_path: Path) -> None:
    done = put(s3, tmp_path, "rejected", "--json", rejected=REJECTED)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["report"]["rejected"] == REJECTED


def test_without_waiting_the_address_is_printed(s3: Any, tmp_path: Path) -> None:
    done = put(s3, tmp_path, "rejected", "--no-wait", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"uri": f"s3://data/{KEY}", "s3_version": None, "report": None}


def test_another_ending_is_refused_before_anything_is_uploaded(s3: Any, tmp_path: Path) -> None:
    file = tmp_path / "truths.xlsx"
    file.write_text("x")
    done = CliRunner().invoke(app, ["feedback", "put", str(file), "--model", "leaves"])
    assert done.exit_code == 1
    assert "doesn't end in .csv, .csv.gz, .parquet" in str(done.exception)
    assert "Contents" not in s3.list_objects_v2(Bucket="data")


@pytest.fixture
def sent(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], list[dict[str, Any]]]:
    """An API whose models answer labels, or numbers; returns the bodies that it was sent."""
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/health":
            return httpx.Response(200, json={"default_model": "leaves"})
        if request.method == "GET":
            return httpx.Response(200, json={"contract": {"target": {"labels": labels}}})
        bodies.append({"path": request.url.path, **json.loads(request.content)})
        if bodies[-1]["truth"] == "fir":
            detail = {"title": "Truths rejected", "detail": "1 truth", "errors": [{"message": "must be one of oak"}]}
            return httpx.Response(422, json=detail)
        return httpx.Response(202, json={"model": "leaves", "stored": 1})

    labels: list[str] = []
    client = httpx.Client
    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(httpx, "Client", lambda **options: client(**options, transport=transport))

    def choose(given: list[str]) -> list[dict[str, Any]]:
        labels[:] = given
        return bodies

    return choose


def test_one_truth_is_sent_to_the_default_model(sent: Callable[[list[str]], list[dict[str, Any]]]) -> None:
    bodies = sent(["oak"])
    done = CliRunner().invoke(app, ["feedback", "send", "an-id", "oak", "--at", "2026-11-29T14:05:00Z"])
    assert done.exit_code == 0, done.output
    assert "stored 1 truth for leaves" in done.stdout
    expected = {"prediction_id": "an-id", "truth": "oak", "at": "2026-11-29T14:05:00Z"}
    assert bodies == [{"path": "/models/leaves/feedback", **expected}]


def test_the_truth_of_a_regressor_is_a_number(sent: Callable[[list[str]], list[dict[str, Any]]]) -> None:
    bodies = sent([])
    assert CliRunner().invoke(app, ["feedback", "send", "an-id", "12.5", "-m", "leaves", "--json"]).exit_code == 0
    assert bodies[0]["truth"] == 12.5
    assert bodies[0]["at"].endswith("+00:00")
    done = CliRunner().invoke(app, ["feedback", "send", "an-id", "many", "-m", "leaves"])
    assert "The truth is 'many'" in str(done.exception)


def test_a_refusal_is_repeated(sent: Callable[[list[str]], list[dict[str, Any]]]) -> None:
    sent(["oak"])
    done = CliRunner().invoke(app, ["feedback", "send", "an-id", "fir", "-m", "leaves"])
    assert done.exit_code == 1
    assert "422 Truths rejected" in str(done.exception)
    assert "must be one of oak" in str(done.exception)
