"""Commands go by AWS's clock, not by that of the machine that they run on."""

import ast
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from cli.aws_clock import find_lead

SCRIPTS = Path(__file__).parents[3] / "scripts"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
# Who reads this machine's clock, and why.
READERS = {
    "cli/stack.py": "finds out how far AWS's clock is ahead of it",
    "cli/models/new.py": "reads a file of this machine, and asks no stack",
}


@pytest.mark.parametrize(
    ("ahead", "lead"),
    [
        (timedelta(days=40), timedelta(days=40)),
        (timedelta(hours=-1), timedelta(hours=-1)),
        (timedelta(seconds=1), timedelta(0)),
        (timedelta(seconds=-1), timedelta(0)),
        (timedelta(0), timedelta(0)),
    ],
)
def test_the_date_of_an_answer_says_how_far_its_clock_is_ahead(ahead: timedelta, lead: timedelta) -> None:
    assert find_lead({"date": format_datetime(NOW + ahead, usegmt=True)}, NOW) == lead


def test_an_answer_without_a_date_has_the_time_of_this_machine() -> None:
    assert find_lead({"server": "s"}, NOW) == timedelta(0)


def clock_readings(source: str) -> set[str]:
    """The calls in a source that return this machine's time, such as `datetime.now`."""
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}
    return calls & {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time"}


def test_no_other_command_reads_the_clock_of_this_machine() -> None:
    found = {
        file.relative_to(SCRIPTS).as_posix()
        for folder in ("cli", "loop")
        for file in (SCRIPTS / folder).rglob("*.py")
        if clock_readings(file.read_text(encoding="utf-8"))
    }
    assert found == set(READERS)
