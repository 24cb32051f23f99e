"""The tour: in a month of simulated days a model falls ill and heals itself."""

import re
import subprocess

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


def test_the_help_names_each_option() -> None:
    done = subprocess.run([ROOT / "scripts/tour", "--help"], capture_output=True, text=True, check=True)
    for option in ("--check", "--stay", "--days", "--rows", "--seed", "--port", "--http-port"):
        assert option in done.stdout
