"""The process that holds a port, by what /proc shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from localaws.ports import holder

PORT = 4566


def write_process(proc: Path, command: bytes) -> None:
    """A process 7 that listens on PORT."""
    (proc / "net").mkdir()
    head = "  sl  local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode\n"
    (proc / "net/tcp").write_text(f"{head} 0: 0100007F:{PORT:04X} 00000000:0000 0A 0:0 0:0 0 0 0 4711\n")
    (proc / "7/fd").mkdir(parents=True)
    (proc / "7/fd/3").symlink_to("socket:[4711]")
    (proc / "7/comm").write_text("python\n")
    (proc / "7/cmdline").write_bytes(command)


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (b"/home/ada/.venv/bin/python\0-m\0loop\0", "python -m loop"),
        (b"/usr/bin/server\0" + b"x" * 100 + b"\0", f"server {'x' * 53}…"),
        (b"", "python"),
        (b"\xff\0", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_the_holder_of_a_port_is_named_by_its_command_and_number(tmp_path: Path, command: bytes, named: str) -> None:
    write_process(tmp_path, command)
    assert holder(PORT, tmp_path) == f"{named} (process 7)"
    assert holder(PORT + 1, tmp_path) is None
