"""The commands that a report advises are commands that exist, with options that they take."""

import shlex

import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from mlops.monitoring.report.advice import advise
from mlops.monitoring.report.headline import write_headline
from tests.unit.mlops.monitoring.report.histories import HISTORIES


@pytest.mark.parametrize("name", ["in_incident", "dead_end", "regression", "one_hour"])
def test_the_advised_commands_exist_and_take_their_options(name: str) -> None:
    report = HISTORIES[name]()
    advised = [step.command for step in advise(report, write_headline(report)) if step.command]
    assert advised
    for command in advised:
        script, *words = shlex.split(command)
        assert script == "scripts/mlops"
        assert is_known(words), command


def is_known(words: list[str]) -> bool:
    """Whether the command line understands the words; it explains the command in place of running it."""
    return CliRunner().invoke(app, [*words, "--help"]).exit_code == 0


@pytest.mark.parametrize(
    "words", [["models", "rolback", "diagnosis"], ["models", "rollback", "diagnosis", "--bak", "x"]]
)
def test_a_command_or_an_option_that_does_not_exist_is_noticed(words: list[str]) -> None:
    assert not is_known(words)
