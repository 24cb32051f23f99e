"""Checks whether a port is free, and which process uses it."""

from __future__ import annotations

import socket
from pathlib import Path

from localaws.errors import PortInUse

_LISTENING = "0A"
_LONGEST_COMMAND = 60  # characters


def is_free(port: int) -> bool:
    """Whether 127.0.0.1:`port` can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def demand_free(port: int, option: str) -> None:
    """Raise PortInUse, naming the process if it can be found, unless 127.0.0.1:`port` can be bound."""
    if not is_free(port):
        raise PortInUse(port, option, holder(port))


def holder(port: int, proc: Path = Path("/proc")) -> str | None:
    """`command (process 123)` of the process that listens on `port`, or None if /proc doesn't show it."""
    inodes = _listening_inodes(port, proc)
    if not inodes:
        return None
    for process in proc.iterdir():
        if process.name.isdigit() and inodes & _socket_inodes(process):
            return f"{_command(process)} (process {process.name})"
    return None


def _command(process: Path) -> str:
    """The command line as people write it, without the program's folder: `python` alone names nothing."""
    words = (process / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    program, *options = [word for word in words if word] or [(process / "comm").read_text(encoding="utf-8").strip()]
    line = " ".join([program.rpartition("/")[2], *options])
    return line if len(line) <= _LONGEST_COMMAND else f"{line[:_LONGEST_COMMAND]}…"


def _listening_inodes(port: int, proc: Path) -> set[str]:
    inodes = set()
    for table in ("tcp", "tcp6"):
        path = proc / "net" / table
        if not path.exists():
            continue
        for line in path.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(fields[9])
    return inodes


def _socket_inodes(process: Path) -> set[str]:
    inodes = set()
    try:
        for descriptor in (process / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    except OSError:  # another user's process, or one that just ended
        return set()
    return inodes
