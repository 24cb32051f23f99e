"""`mlops monitor simulate` on a stack that runs: a harm is sent, days pass, and monitoring finds it."""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import boto3
import pytest

from tests.e2e.conftest import READY, ROOT, start


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The settings of a stack of its own, in which the clock may be moved."""
    started = start("--no-mlflow")
    try:
        started.wait_for(READY)
        yield {**os.environ, **started.aws}
    finally:
        started.stop()


def simulate(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts/mlops"), "monitor", "simulate", "diagnosis", "--seed", "1", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_shifted_column_is_found_on_the_day_on_which_it_shifts(environment: dict[str, str]) -> None:
    words = ("--harm", "shift", "--column", "worst radius", "--days", "3", "--from-day", "3", "--delay", "1", "--json")
    done = simulate(environment, *words)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["predictions"], found["truths"], found["columns"]) == (600, 400, ["worst radius"])
    first = date.fromisoformat(found["days"][0]["day"])
    assert [each["day"] for each in found["days"]] == [str(first + timedelta(days=number)) for number in range(3)]
    assert ["worst radius" in each["drifted"] for each in found["days"]] == [False, False, True]
    assert found["incident"] is None
    assert "day 3 of 3" in done.stderr
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        (schedule,) = boto3.Session().client("scheduler").list_schedules()["Schedules"]
        found_schedule = boto3.Session().client("scheduler").get_schedule(Name=schedule["Name"])
    assert found_schedule["ScheduleExpression"] == "cron(20 * * * ? *)"


def test_what_cant_be_harmed_is_refused_before_anything_is_sent(environment: dict[str, str]) -> None:
    done = simulate(environment, "--harm", "unit", "--column", "colour")
    assert done.returncode == 1
    assert "'colour' isn't a number of the model" in done.stderr
