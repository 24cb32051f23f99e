"""Removes what processes that were killed left in a state folder."""

from pathlib import Path

from localaws.builds.cache import UNFINISHED
from localaws.builds.scratch import remove_abandoned

_CACHES = ("code", "files", "functions", "images", "layers", "runtime")


def remove_leftovers(state: Path) -> None:
    """Remove the sandboxes, logs and unfinished builds of processes that no longer run."""
    remove_abandoned(state / "sandboxes")
    remove_abandoned(state / "logs")
    for cache in _CACHES:
        remove_abandoned(state / cache, UNFINISHED)
