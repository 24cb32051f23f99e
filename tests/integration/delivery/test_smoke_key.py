"""The key that `scripts/smoke` asks a stage with."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import delivery.smoke
from cli.api import KEY_VARIABLE
from cli.key_table import KeyTable
from cli.stack import Stack
from delivery.errors import DeliveryFailed
from delivery.smoke import KEY_SECONDS, smoke
from mlops.authorization.grants import SCOPES, Grant
from tests.integration.cli.conftest import s3

__all__ = ["s3"]


@pytest.fixture
def runs(s3: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Grant | None]]:
    """The key and its grant of each run of the contract tests, which fail."""
    found: list[tuple[str, Grant | None]] = []
    table = KeyTable.of(Stack("mlops", announce=False))

    def run(command: list[str], *, env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        found.append((env[KEY_VARIABLE], table.find(env[KEY_VARIABLE])))
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(delivery.smoke, "_serves", lambda _: True)
    monkeypatch.setattr(subprocess, "run", run)
    return found


def test_it_makes_a_key_that_ends_with_the_tests_and_by_itself(
    runs: list[tuple[str, Grant | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(DeliveryFailed):
        smoke(Path(), Stack("mlops"), read_only=True)
    ((_, grant),) = runs
    assert grant
    assert grant.scopes == {*SCOPES} - {"operate"}
    assert grant.expires == grant.created + KEY_SECONDS
    assert [*KeyTable.of(Stack("mlops")).all()] == []
    assert KEY_VARIABLE not in os.environ


def test_it_takes_a_key_of_the_environment(
    runs: list[tuple[str, Grant | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "mlops_given")
    with pytest.raises(DeliveryFailed):
        smoke(Path(), Stack("mlops"), read_only=True)
    assert runs == [("mlops_given", None)]
