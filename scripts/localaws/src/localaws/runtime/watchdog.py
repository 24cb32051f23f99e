"""Ends sessions of processes. Run as a program, it outlives its parent just long enough to end what the parent started.

Standard input carries one command a line: `+<session id>` registers, `-<session id>` forgets. End of file means that
the parent is gone, even by SIGKILL. It stands alone (standard library only): the parent's packages may be gone too.
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
    """Give the parent of each process of this machine, by process id."""
    stats = Path("/proc")
    if (stats / "self" / "stat").exists():
        parents = {}
        for entry in os.listdir(stats):  # noqa: PTH208 - names are all that's needed, and it is called while ending processes
            if entry.isdigit():
                with contextlib.suppress(OSError):  # it ended meanwhile
                    fields = (stats / entry / "stat").read_text().rpartition(")")[2].split()
                    if fields[0] not in "ZX":
                        parents[int(entry)] = int(fields[1])
        return parents
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return {int(pid): int(parent) for pid, parent in (line.split() for line in listing.splitlines())}


def session_members(sessions: Iterable[int]) -> set[int]:
    """Find the living processes of sessions, and their descendants that have started sessions of their own."""
    wanted = set(sessions)
    parents = process_parents()
    members = set()
    for pid in parents:
        with contextlib.suppress(OSError):  # it ended meanwhile
            if os.getsid(pid) in wanted:
                members.add(pid)
    grown = True
    while grown:
        children = {pid for pid, parent in parents.items() if parent in members} - members
        members |= children
        grown = bool(children)
    return members - {os.getpid()}


def end_sessions(sessions: Iterable[int], patience: float = 5.0) -> None:
    """Kill every process of the sessions, and those that they start meanwhile; gives up after `patience` seconds."""
    sessions = tuple(sessions)
    known: set[int] = set()
    until = time.monotonic() + patience
    while members := (session_members(sessions) | (known & process_parents().keys())):
        known |= members
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > until:
            return
        time.sleep(0.005)


def watch(commands: Iterable[str]) -> None:
    """Keep the register of sessions until the commands end, then end every session in it."""
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
    # Ctrl-C reaches the whole terminal; the parent decides when the sandboxes end.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watch(sys.stdin)
