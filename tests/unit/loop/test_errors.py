"""What a caller can tell from how `scripts/start --docker` ends."""

import signal
from typing import NoReturn

import pytest
from typer.testing import CliRunner

from localaws.samlocal.errors import DockerUnavailable, SamFailed
from loop import __main__ as start
from tests.conftest import NO_DOCKER


@pytest.mark.parametrize(
    ("error", "code"), [(DockerUnavailable("no engine"), NO_DOCKER), (SamFailed("sam build failed"), 1)]
)
def test_that_docker_is_missing_is_told_from_that_something_failed(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(start, "run", fail)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ended = CliRunner().invoke(start.app, ["--docker"])
    assert ended.exit_code == code
    assert str(error) in ended.output
