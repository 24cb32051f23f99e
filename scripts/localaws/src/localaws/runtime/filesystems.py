"""Finds whether a path is on a local file system, where inotify reports every change."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\([0-7]{3})")
# Other types, such as network file systems and the shares of virtual machines, can be written from elsewhere.
_LOCAL = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "ramfs", "tmpfs", "xfs", "zfs"})


class Mounts:
    """The mounted file systems; `lines` are those of /proc/self/mountinfo."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._types: dict[str, str] = {}  # the last one mounted at a path hides the others
        for line in lines:
            place, _, kind = line.partition(" - ")
            point = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), place.split(" ")[4])
            self._types[point] = kind.split(" ")[0]

    @classmethod
    def now(cls) -> "Mounts":
        """The current mounts; none if there's no /proc."""
        try:
            return cls(_MOUNTS.read_text().splitlines())
        except OSError:
            return cls([])

    def is_local(self, path: str) -> bool:
        """Whether the target of `path` can only be written through this kernel."""
        place = Path(os.path.realpath(path))
        kinds = (self._types.get(str(folder)) for folder in (place, *place.parents))
        return next((kind for kind in kinds if kind), None) in _LOCAL
