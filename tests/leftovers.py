"""What a run may have left on the machine: engines, containers' mounts, bridges, rules of the packet filter."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Leftovers:
    """One look at the machine, to be compared with another."""

    engines: frozenset[str]
    mounts: frozenset[str]
    bridges: frozenset[str]
    rules: frozenset[str]

    @staticmethod
    def now() -> Leftovers:
        """Look."""
        engines = frozenset(
            f"{entry.name} {name}" for entry in Path("/proc").glob("[0-9]*") if (name := _engine(entry)) is not None
        )
        mounts = frozenset(
            line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if "overlay" in line
        )
        bridges = frozenset(link.name for link in Path("/sys/class/net").glob("*") if (link / "bridge").exists())
        return Leftovers(engines, mounts, bridges, _rules())

    def since(self, before: Leftovers) -> Leftovers:
        """What came after `before`; what went since is no leftover: an engine clears away those of killed ones."""
        return Leftovers(
            self.engines - before.engines,
            self.mounts - before.mounts,
            self.bridges - before.bridges,
            self.rules - before.rules,
        )

    def __bool__(self) -> bool:
        return any((self.engines, self.mounts, self.bridges, self.rules))


def _engine(process: Path) -> str | None:
    try:
        name = (process / "comm").read_text().strip()
    except OSError:  # it ended meanwhile
        return None
    return name if name.startswith(("dockerd", "containerd")) else None


def _rules() -> frozenset[str]:
    """The rules, without the tables that merely looking brings into being."""
    if shutil.which("iptables-save") is None:
        return frozenset()
    saved = subprocess.run(["iptables-save"], capture_output=True, text=True, check=False).stdout
    return frozenset(line for line in saved.splitlines() if line.startswith("-A") or "DOCKER" in line)
