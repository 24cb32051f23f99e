"""The command line finds the local AWS of its checkout, and leaves a choice of another AWS alone."""

from pathlib import Path

import boto3
import pytest
from botocore.exceptions import NoRegionError

import cli.localaws
from cli.errors import CommandError
from cli.localaws import CHOICES, killed_endpoint, use_local_aws
from cli.stack import Stack

SETTINGS = {"AWS_ENDPOINT_URL": "http://localhost:4566", "AWS_ACCESS_KEY_ID": "local", "AWS_DEFAULT_REGION": "a b"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "env"
    lines = ("AWS_ENDPOINT_URL=http://localhost:4566", "AWS_ACCESS_KEY_ID=local", "AWS_DEFAULT_REGION='a b'")
    written.write_text("".join(f"export {line}\n" for line in lines))
    return written


def answers(monkeypatch: pytest.MonkeyPatch, found: bool) -> None:
    monkeypatch.setattr(cli.localaws, "answers", lambda endpoint: found and endpoint == SETTINGS["AWS_ENDPOINT_URL"])


def test_the_local_aws_that_runs_is_found(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    answers(monkeypatch, True)
    environ: dict[str, str] = {"HOME": "/home/a"}
    use_local_aws(environ, file)
    assert environ == {"HOME": "/home/a", **SETTINGS}


@pytest.mark.parametrize("chosen", CHOICES)
def test_another_aws_that_was_chosen_is_left_alone(monkeypatch: pytest.MonkeyPatch, file: Path, chosen: str) -> None:
    answers(monkeypatch, True)
    environ = {chosen: "mine"}
    use_local_aws(environ, file)
    assert environ == {chosen: "mine"}


def test_one_that_does_not_run_is_not_used(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    answers(monkeypatch, False)
    environ: dict[str, str] = {}
    use_local_aws(environ, file)
    use_local_aws(environ, file.with_name("none"))
    assert environ == {}


def test_no_address_is_no_answer() -> None:
    assert not cli.localaws.answers("")


def test_one_that_was_killed_is_named(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    answers(monkeypatch, False)
    assert killed_endpoint(file) == SETTINGS["AWS_ENDPOINT_URL"]
    assert killed_endpoint(file.with_name("none")) is None
    answers(monkeypatch, True)
    assert killed_endpoint(file) is None


def test_a_command_after_a_kill_says_so(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    answers(monkeypatch, False)
    monkeypatch.setattr(cli.localaws, "ENVIRONMENT", file)

    def client(_: str) -> None:
        raise NoRegionError

    monkeypatch.setattr(boto3, "client", client)
    with pytest.raises(CommandError, match=r"scripts/start ran here, on http://localhost:4566, and was killed"):
        _ = Stack("mlops").outputs
