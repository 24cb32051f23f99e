"""The tours: in a month of simulated days a model falls ill and heals itself; a shop learns from what people do."""

import re
import subprocess

import pytest

from localaws_testing.ports import free_port
from tests.e2e.conftest import ROOT


def test_a_model_falls_ill_and_heals_itself_within_the_days_of_the_tour() -> None:
    ports = ["--port", str(free_port()), "--http-port", str(free_port())]
    done = subprocess.run(
        [ROOT / "scripts/tour", "--check", "--days", "18", *ports], capture_output=True, text=True, check=False
    )
    # --check is what judges: one incident, one message, one retraining, a new champion, the recovery.
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    days = [line for line in lines if re.match(r" *\d+  \d\d \w{3}  v\d", line)]
    assert [int(line.split()[0]) for line in days] == list(range(1, 19))
    assert {line.split()[3] for line in days[:14]} == {"v1"}
    assert {line.split()[3] for line in days[14:]} == {"v2"}
    happened = [next(place for place, line in enumerate(lines) if what in line) for what in (
        "▼ from here on an instrument",
        "▲ the estimate falls",
        "● roc_auc fell from",
        "● trains again on",
        "✉ to people, once: diagnosis is degraded: roc_auc fell",
        "● version 2 passed its gates and is champion",
        "● recovered: version 2 is champion",
    )]  # fmt: skip
    assert happened == sorted(happened)
    page = (ROOT / ".localaws/tour/report.html").read_text()
    assert lines[-1].endswith(".localaws/tour/report.html")
    assert "recovered" in page
    assert "http://" not in page.replace("http://www.w3.org/", "")


@pytest.mark.timeout(600)  # two trainings and nine days, on a machine that may be busy
def test_a_shop_changes_what_it_recommends_at_once_and_learns_by_itself() -> None:
    ports = ["--port", str(free_port()), "--http-port", str(free_port())]
    done = subprocess.run(
        [ROOT / "scripts/tour", "shop", "--check", *ports], capture_output=True, text=True, check=False
    )
    # --check is what judges: each answer to somebody new, the dataset, the promotion, and the click-through.
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert re.search(r"^ 1  \w+ \w+: because they bought \w+ \w+ \(0\.\d\d\)", done.stdout, re.M)
    days = [line.split() for line in lines if re.match(r" *\d+  \d\d \w{3}  v\d", line)]
    numbers, versions = [int(day[0]) for day in days], [day[3] for day in days]
    # How many days pass until seven times 24 hours have depends on the time of day at which the tour starts.
    assert numbers == list(range(1, len(days) + 1))
    assert versions in (["v1"] * 6 + ["v2"] * 2, ["v1"] * 7 + ["v2"] * 2)
    happened = [next(place for place, line in enumerate(lines) if what in line) for what in (
        "Somebody new comes",
        "The shop gets shoes",
        "● a dataset by itself:",
        "● version 2 passed its gates and is champion",
        "It learnt from what people did",
    )]  # fmt: skip
    assert happened == sorted(happened)


OPTIONS = {
    (): ("--check", "--stay", "--days", "--rows", "--seed", "--port", "--http-port", "shop"),
    ("shop",): ("--check", "--stay", "--customers", "--seed", "--port", "--http-port"),
}


@pytest.mark.parametrize("words", OPTIONS, ids=lambda words: " ".join(words) or "month")
def test_the_help_names_each_option(words: tuple[str, ...]) -> None:
    done = subprocess.run([ROOT / "scripts/tour", *words, "--help"], capture_output=True, text=True, check=True)
    for option in OPTIONS[words]:
        assert option in done.stdout
