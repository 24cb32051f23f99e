"""Processes and their descendants, as Linux's /proc lists them."""

from collections.abc import Iterable
from pathlib import Path

from localaws_testing.waiting import wait_until


def descendants(pid: int) -> list[int]:
    """A process and all below it, those in sessions of their own and ended ones that nobody waited for included."""
    children: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        if fields := stat_fields(int(file.parent.name)):
            children.setdefault(int(fields[1]), []).append(int(file.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that has ended, and that nobody waited for yet, doesn't."""
    fields = stat_fields(pid)
    return fields is not None and fields[0] not in "ZX"


def wait_until_gone(pids: Iterable[int], seconds: float = 15) -> set[int]:
    """The processes that still run when the time is up, as it is as soon as none does."""
    left = set(pids)

    def have_ended() -> bool:
        left.intersection_update({pid for pid in left if is_alive(pid)})
        return not left

    wait_until(have_ended, seconds)
    return left


def stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the command, of which the first is the state; None if it's gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
