"""A person promotes and rolls back; API and MLflow follow."""

import json
import subprocess
import time
from typing import Any

import pytest
from mlflow import MlflowClient

from tests.e2e.conftest import ROOT, Loop
from tests.e2e.test_switch import without_rows

FOLLOW_SECONDS = 30


def mlops(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "scripts/mlops", *words], capture_output=True, text=True, check=False)


def models(*words: str) -> Any:
    done = mlops("models", *words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def versions(loop: Loop, dataset: bytes) -> tuple[int, int]:
    """The champion, and a version beside it."""
    before = loop.champion()
    report = loop.put("steering.csv", without_rows(dataset, slice(30, 34)))
    other = report["version"]
    return before, other


def answering(loop: Loop, row: dict[str, Any], version: int) -> bool:
    """Whether the API comes to answer with the version, without an answer that fails meanwhile."""
    deadline = time.monotonic() + FOLLOW_SECONDS
    while time.monotonic() < deadline:
        answer = loop.api.post("/predict", json={"rows": [row]})
        assert answer.status_code == 200, answer.text
        if answer.json()["version"] == version:
            return True
        time.sleep(0.1)
    return False


def in_mlflow(loop: Loop) -> int:
    found = MlflowClient(loop.mlflow_url).get_model_version_by_alias("diagnosis", "champion")
    return int(found.tags["version"])


def test_what_people_decide_is_what_answers_and_what_mlflow_shows(
    loop: Loop, versions: tuple[int, int], row: dict[str, Any]
) -> None:
    old, new = versions
    models("promote", "diagnosis", str(new), "--insist", "--why", "to see")
    assert answering(loop, row, new)
    assert in_mlflow(loop) == new

    moved = models("rollback", "diagnosis", "--to", str(old), "--by", "ann", "--why", "seen enough")
    assert (moved["version"], moved["previous"], moved["action"]) == (old, new, "rollback")
    assert answering(loop, row, old)
    assert in_mlflow(loop) == old

    trace = models("lineage", "diagnosis", str(new))
    assert ("rollback", "ann", "seen enough") in {(move["action"], move["by"], move["why"]) for move in trace["moves"]}
    assert models("show", "diagnosis")["version"] == old


def test_a_rolled_back_version_is_not_promoted_again_by_its_own_dataset(
    loop: Loop, versions: tuple[int, int], dataset: bytes
) -> None:
    old, new = versions
    assert loop.champion() == old
    report = loop.put("steering-again.csv", without_rows(dataset, slice(30, 34)))
    assert (report["outcome"], report["version"]) == ("unchanged", new)
    assert loop.champion() == old


def test_a_challenger_answers_its_share_until_it_is_withdrawn(
    loop: Loop, versions: tuple[int, int], row: dict[str, Any]
) -> None:
    old, new = versions
    models("promote", "diagnosis", str(old))
    accepted = models("show", "diagnosis", str(new))["accepted"]  # only then it may answer
    models("challenge", "diagnosis", str(new), "--share", "1" if accepted else "0")
    listed = {each["version"]: each["aliases"] for each in models("list") if each["model"] == "diagnosis"}
    assert "challenger" in listed[new]
    if accepted:
        assert answering(loop, row, new)
    models("withdraw", "diagnosis")
    assert answering(loop, row, old)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("promote", "diagnosis", "999"), "has no version 999"),
        (("show", "diagnosiss"), "Did you mean 'diagnosis'?"),
        (("show", "diagnosis", "chmapion"), "is no version of 'diagnosis': give a number"),
        (("rollback", "diagnosis", "--to", "999"), "has no version 999"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(loop: Loop, words: tuple[str, ...], told: str) -> None:
    done = mlops("models", *words)
    assert done.returncode == 1
    assert told in done.stderr
    stack, *lines = done.stderr.strip().splitlines()
    assert stack.startswith("stack mlops of local AWS, http://localhost:")
    assert len(lines) == 1
