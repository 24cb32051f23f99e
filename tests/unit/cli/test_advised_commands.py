"""The commands that a report or a message advises are commands that exist, with options that they take."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

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


SCRIPTS = Path(__file__).parents[3] / "scripts"
SOURCES = sorted((*SCRIPTS.glob("cli/**/*.py"), *SCRIPTS.glob("loop/**/*.py")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(SCRIPTS)))
def test_a_message_names_a_command_as_a_shell_finds_it(path: Path) -> None:
    wrong = [text for text in messages(ast.parse(path.read_text())) if re.search(r"`mlops [a-z]", text)]
    assert wrong == [], "there's no mlops on anybody's PATH: scripts/mlops"


def messages(tree: ast.AST) -> Iterator[str]:
    """The strings of a module that aren't docstrings."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value
