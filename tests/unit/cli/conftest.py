"""Commands of unit tests find no local AWS, whether one runs from this checkout or not."""

from pathlib import Path

import pytest

import cli.localaws


@pytest.fixture(autouse=True)
def without_local_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cli.localaws, "ENVIRONMENT", tmp_path / "none")
