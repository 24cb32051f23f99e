from __future__ import annotations

import os
from pathlib import Path

import pytest

from localaws.runtime.filesystems import Mounts

TABLE = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:40 / /home/me/shared\040code rw,relatime - 9p host rw
31 22 0:41 / /mnt/host rw,relatime shared:5 - fuse.sshfs host rw
32 31 0:42 / /mnt/host/scratch rw - tmpfs tmpfs rw
""".strip().splitlines()


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/home/me/project/functions", True),
        ("/home/me/shared code/functions", False),
        ("/home/me/shared codes", True),
        ("/mnt/host", False),
        ("/mnt/host/functions", False),
        ("/mnt/host/scratch/functions", True),
    ],
)
def test_a_path_belongs_to_the_innermost_mount(path: str, local: bool) -> None:
    assert Mounts(TABLE).is_local(path) is local


def test_the_last_mount_at_a_path_counts() -> None:
    assert not Mounts([*TABLE, "40 22 0:50 / / rw - virtiofs host rw"]).is_local("/srv")


def test_a_link_belongs_to_the_file_system_of_its_target(tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to("/mnt/host/functions")
    assert not Mounts(TABLE).is_local(os.fspath(tmp_path / "here"))


def test_no_path_is_local_without_proc() -> None:
    assert not Mounts([]).is_local("/")
