"""`.localaws/env` names a local AWS that runs, the one that was started last."""

from pathlib import Path

import pytest

from loop import environment_file
from loop.environment_file import written


def settings(port: int) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "KEY": "a b"}


def test_it_is_there_while_what_it_names_runs_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "env"
    with written(file, settings(1)):
        assert file.read_text() == "export AWS_ENDPOINT_URL=http://127.0.0.1:1\nexport KEY='a b'\n"
        assert file.stat().st_mode & 0o777 == 0o600
    assert not file.exists()


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The addresses at which somebody answers."""
    found: set[str] = set()
    monkeypatch.setattr(environment_file, "answers", found.__contains__)
    return found


def test_a_second_one_that_ends_gives_it_back_to_the_first_if_that_still_runs(
    tmp_path: Path, running: set[str]
) -> None:
    file = tmp_path / "env"
    running.add("http://127.0.0.1:1")
    with written(file, settings(1)):
        with written(file, settings(2)):
            assert ":2\n" in file.read_text()
        assert ":1\n" in file.read_text()
        running.clear()
        with written(file, settings(2)):
            pass
        assert not file.exists()


def test_a_first_one_that_ends_leaves_it_to_the_second(tmp_path: Path, running: set[str]) -> None:
    file = tmp_path / "env"
    first, second = written(file, settings(1)), written(file, settings(2))
    with first:
        second.__enter__()
    assert not running
    assert ":2\n" in file.read_text()
    second.__exit__(None, None, None)
    assert not file.exists()
