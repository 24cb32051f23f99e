"""The memory of a function's processes, from /proc."""

from pathlib import Path


def memory_kb(pid: int) -> int:
    """The peak memory of a process plus the current memory of its descendants, in KiB; 0 if it has ended."""
    own = _status(pid, "VmHWM")
    return own + sum(_status(child, "VmRSS") for child in _descendants(pid)) if own else 0


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:  # it has ended, or this kernel doesn't list children: the process itself is still counted
        return []
    return children + [descendant for child in children for descendant in _descendants(child)]


def _status(pid: int, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{field}:")), 0)
