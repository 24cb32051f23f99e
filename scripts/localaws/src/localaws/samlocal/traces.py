"""What a Docker Engine leaves in the kernel: bridges, iptables rules, control groups.

A snapshot before the start of the engine shows afterwards what belongs to it.
"""

import json
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TABLES = ("filter", "nat")
_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Traces:
    """A snapshot of the kernel's state: lines of `iptables-save` by table, and names of bridges."""

    rules: Mapping[str, tuple[str, ...]]
    bridges: frozenset[str]
    forwarding: str

    @staticmethod
    def now() -> "Traces":
        """Take a snapshot."""
        rules = {table: _lines(table) for table in _TABLES}
        links = json.loads(_run("ip", "-json", "link", "show", "type", "bridge") or "[]")
        return Traces(rules, frozenset(link["ifname"] for link in links if link), _FORWARDING.read_text())

    def restore(self, control_group: str) -> None:
        """Remove what was added since: Docker's rules, chains and bridges, and the control group of its containers."""
        for table, before in self.rules.items():
            for words in undo(before, _lines(table)):
                _run("iptables", "-t", table, *words)
        for bridge in Traces.now().bridges - self.bridges:
            if bridge == "docker0" or bridge.startswith("br-"):
                _run("ip", "link", "delete", bridge)
        # Version 2 of control groups has one tree; version 1 has one per controller, some of them under two names.
        patterns = (f"{control_group}/**/", f"*/{control_group}/**/")
        groups = {group.resolve() for pattern in patterns for group in _CONTROL_GROUPS.glob(pattern)}
        for group in sorted(groups, reverse=True):
            group.rmdir()
        _FORWARDING.write_text(self.forwarding)


def allow_forwarding() -> None:
    """Enable IP forwarding for containers. Where it's off, an engine would enable it and drop all other traffic."""
    _FORWARDING.write_text("1\n")


def undo(before: tuple[str, ...], after: tuple[str, ...]) -> list[list[str]]:
    """The arguments of the `iptables` calls that undo the changes in `after`: first rules, then their chains."""
    added = [shlex.split(line) for line in after if line not in before]
    chains = [words[0][1:] for words in added if words[0].startswith(":")]
    own = [words for words in added if words[0] == "-A" and (words[1] in chains or _belongs_to_docker(words))]
    return [
        *(["-D", *words[1:]] for words in own),
        *(["-X", chain] for chain in chains),
    ]


def _belongs_to_docker(rule: list[str]) -> bool:
    return any(word.startswith(("DOCKER", "docker0", "br-")) for word in rule)


def _lines(table: str) -> tuple[str, ...]:
    saved = _run("iptables-save", "-t", table)
    # Without counters, which change all the time.
    return tuple(line.partition(" [")[0] for line in saved.splitlines() if line.startswith((":", "-A")))


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout
