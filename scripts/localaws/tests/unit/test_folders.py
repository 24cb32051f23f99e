"""Folders that can't be used are named before anything starts."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from localaws.cloud import LocalCloud
from localaws.errors import LocalAwsError
from localaws.folders import demand_writable
from localaws.settings import Settings
from localaws.state.folder import Folder


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    demand_writable(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("folder", ["state", "keep"])
def test_a_start_names_a_folder_that_cant_be_written(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    unusable = tmp_path / "file" / "in it"
    folders = {"state": tmp_path / "state", "keep": tmp_path / "keep"} | {folder: unusable}
    cloud = LocalCloud(Settings(**folders))  # type: ignore[arg-type]
    with pytest.raises(LocalAwsError, match=rf"{unusable} can't be written: Not a directory\. Mend that"), cloud:
        pass


def test_a_damaged_state_is_named_with_what_helps(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"format": 1, "sta')
    message = rf"state\.json is damaged .*Delete {tmp_path} to begin without that state"
    with closing(Folder(tmp_path)) as folder, pytest.raises(LocalAwsError, match=message):
        folder.read()
