"""Kills sessions of processes. As a program, it kills the registered sessions once its parent has ended.

Standard input has one command per line: `+<session id>` registers, `-<session id>` unregisters. End of file means that
the parent has ended, even by SIGKILL. It uses only the standard library: the parent's packages may have been removed.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path


def process_parents() -> dict[int, int]:
    """Process id → id of its parent, for all processes."""
    stats = Path("/proc")
    if (stats / "self" / "stat").exists():
        parents = {}
        for entry in os.listdir(stats):  # noqa: PTH208 - only names are needed, and this is called in a loop
            if entry.isdigit():
                with contextlib.suppress(OSError):  # it has ended
                    fields = (stats / entry / "stat").read_text().rpartition(")")[2].split()
                    if fields[0] not in "ZX":
                        parents[int(entry)] = int(fields[1])
        return parents
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return {int(pid): int(parent) for pid, parent in (line.split() for line in listing.splitlines())}


def session_members(sessions: Iterable[int]) -> set[int]:
    """The processes of sessions, and their descendants in other sessions."""
    wanted = set(sessions)
    parents = process_parents()
    members = set()
    for pid in parents:
        with contextlib.suppress(OSError):  # it has ended
            if os.getsid(pid) in wanted:
                members.add(pid)
    grown = True
    while grown:
        children = {pid for pid, parent in parents.items() if parent in members} - members
        members |= children
        grown = bool(children)
    return members - {os.getpid()}


def end_sessions(sessions: Iterable[int], timeout: float = 5.0) -> None:
    """Kill every process of the sessions, and those that they start in the meantime, for up to `timeout` seconds."""
    sessions = tuple(sessions)
    known: set[int] = set()
    until = time.monotonic() + timeout
    while members := (session_members(sessions) | (known & process_parents().keys())):
        known |= members
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > until:
            return
        time.sleep(0.005)


def watch(commands: Iterable[str]) -> None:
    """Register sessions until the end of the commands, then kill the registered ones."""
    sessions: set[int] = set()
    for command in commands:
        session = int(command[1:])
        if command.startswith("+"):
            sessions.add(session)
        else:
            sessions.discard(session)
    if sessions:
        end_sessions(sessions)


if __name__ == "__main__":
    # Ctrl-C reaches all processes of the terminal; the parent decides when the sandboxes end.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watch(sys.stdin)
