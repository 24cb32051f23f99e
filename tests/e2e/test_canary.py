"""Canaries on local AWS: live requests and their truth, the clock, and monitoring's own schedule decide."""

import csv
import io
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localaws_testing.waiting import wait_until
from mlops.registry.aliases import CHALLENGER, Aliases
from mlops.registry.store import open_store
from tests.e2e.conftest import ROOT, Loop, running_loop
from tests.e2e.test_healing import listen, mlops, move_clock, receive, subscribe

MODEL = "diagnosis"
SHARE = 0.3
FOLLOW_SECONDS = 60
pytestmark = pytest.mark.timeout(600)  # two trainings, on a machine that may be busy


def spoil(dataset: bytes) -> bytes:
    """The dataset with two of five labels wrong: what learns from it is a bad model."""
    rows = [*csv.DictReader(io.StringIO(dataset.decode()))]
    for row in rows[::5] + rows[1::5]:
        row[MODEL] = "benign" if row[MODEL] == "malignant" else "malignant"
    file = io.StringIO()
    writer = csv.DictWriter(file, [*rows[0]])
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


@pytest.fixture(scope="module")
def loop(dataset: bytes) -> Iterator[Loop]:
    """A stack of its own, in which the clock may be moved: 1 is champion, and 2 was made of wrong labels."""
    with running_loop("--no-dataset", "--no-mlflow") as running:
        assert running.put("first.csv", dataset)["outcome"] == "promoted"
        assert running.put("spoilt.csv", spoil(dataset))["outcome"] == "refused"
        yield running


def challenger(loop: Loop) -> tuple[int, str]:
    alias = Aliases(open_store(f"s3://{loop.stack.outputs['ModelsBucketName']}"), MODEL).find(CHALLENGER)
    assert alias
    return alias.version, alias.history[-1].action


def serve(loop: Loop, rows: list[dict[str, Any]]) -> dict[int, int]:
    """Ask about each patient and give the truth; how often each version answered."""
    answered: dict[int, int] = {}
    truths = []
    for row in rows:
        cells = {name: float(cell) for name, cell in row.items() if name != MODEL}
        answer = loop.api.post("/predict", json={"rows": [cells]})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        answered[found["version"]] = answered.get(found["version"], 0) + 1
        name = found["predictions"][0]["prediction_id"]
        truths.append({"prediction_id": name, "truth": row[MODEL], "at": datetime.now(UTC).isoformat()})
    for start in range(0, len(truths), 300):
        taken = loop.api.post(f"/models/{MODEL}/feedback", json={"truths": truths[start : start + 300]})
        assert taken.status_code == 202, taken.text
    return answered


def follows(loop: Loop, rows: list[dict[str, Any]], *versions: int) -> bool:
    """Whether the API comes to answer these patients by just these versions."""
    return wait_until(lambda: {*serve(loop, rows)} == {*versions}, FOLLOW_SECONDS)


def comes_by_schedule(condition: Callable[[], bool]) -> bool:
    """Whether it comes by the hourly runs: those that find no records yet are followed by others."""
    for _ in range(3):
        move_clock(timedelta(minutes=70))
        if wait_until(condition, 90):
            return True
    return False


def audit(moment: str) -> list[tuple[str, int, float]]:
    found = mlops("audit", MODEL, "--at", moment)
    return [(role["role"], role["version"], role["share"]) for role in found["roles"]]


def test_an_audit_knows_a_moment_before_during_and_after_a_canary(loop: Loop, dataset: bytes) -> None:
    rows = [*csv.DictReader(io.StringIO(dataset.decode()))]
    tried = mlops("models", "promote", MODEL, "2", "--canary", str(SHARE), "--insist", "--by", "ann")
    refused = subprocess.run(
        [ROOT / "scripts/mlops", "models", "promote", MODEL, "2", "--canary", "0.5", "--insist"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, "version 2 is in a canary until" in refused.stderr) == (1, True)
    assert follows(loop, rows[:30], 1, 2)
    stopped = mlops("models", "canary", "stop", MODEL)
    assert follows(loop, rows[:30], 1)
    before = datetime.fromisoformat(tried["at"]) - timedelta(microseconds=1)
    assert audit(before.isoformat()) == [("champion", 1, 1.0)]
    assert audit(tried["at"]) == [("champion", 1, 1 - SHARE), ("challenger", 2, SHARE)]
    assert audit(stopped["at"]) == [("champion", 1, 1.0)]


@pytest.mark.usefixtures("calls_on_record")
def test_a_bad_version_is_withdrawn_and_a_good_one_promoted_by_the_schedule_alone(loop: Loop, dataset: bytes) -> None:
    people, events = subscribe(loop.stack), listen({"source": ["mlops.monitoring"]})
    rows = [*csv.DictReader(io.StringIO(dataset.decode()))]

    mlops("models", "promote", MODEL, "2", "--canary", str(SHARE), "--insist", "--by", "ann")
    assert follows(loop, rows[:30], 1, 2)
    answered = serve(loop, rows)
    # The people are given, so this is no matter of chance.
    assert 0.2 < answered[2] / len(rows) < 0.4
    assert serve(loop, rows[:100]) == serve(loop, rows[:100]), "a person gets one version"
    assert comes_by_schedule(lambda: challenger(loop) == (2, "withdrawal")), mlops("models", "canary", "status", MODEL)
    status = mlops("models", "canary", "status", MODEL)
    assert status["end"]["why"].startswith("it's worse: its mean loss minus the champion's is +")
    assert (status["end"]["by"], loop.champion()) == ("monitoring", 1)
    assert status["observed"]["requests"] >= answered[2]
    assert follows(loop, rows[:30], 1)

    mlops("models", "promote", MODEL, "2", "--insist", "--by", "ann", "--why", "to be worse")
    mlops("models", "promote", MODEL, "1", "--canary", str(SHARE), "--by", "ann")
    assert follows(loop, rows[:30], 1, 2)
    serve(loop, rows)
    assert comes_by_schedule(lambda: loop.champion() == 1), mlops("models", "canary", "status", MODEL)
    assert wait_until(lambda: challenger(loop) == (1, "acceptance"), 60)
    assert follows(loop, rows[:30], 1)
    moves = {(move["alias"], move["action"], move["by"]) for move in mlops("models", "lineage", MODEL, "1")["moves"]}
    assert {("challenger", "acceptance", "monitoring"), ("champion", "promotion", "monitoring")} <= moves

    told: list[str] = []

    def announced() -> list[str]:
        told.extend(event["detail-type"] for event in receive(events))
        return [name.removeprefix("Model canary ") for name in told if "canary" in name]

    assert wait_until(lambda: "promoted" in announced(), 60)
    # Before them come those of the canary that was stopped by hand, unless a run of the hour has sent them already.
    assert announced()[-4:] == ["started", "withdrawn", "started", "promoted"]
    subjects = [each["Subject"] for each in receive(people) if "canary" in each["Message"]]
    assert subjects[-2:] == [
        "diagnosis: version 2 is withdrawn after its canary",
        "diagnosis: version 1 is champion after its canary",
    ]
