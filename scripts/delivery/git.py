"""Calls of git, with its reason if one fails."""

import subprocess
from pathlib import Path

from delivery.errors import DeliveryFailed


def git(root: Path, *words: str) -> str:
    """What a command of git prints, without the last line break. Raises DeliveryFailed."""
    return git_bytes(root, *words).decode().removesuffix("\n")


def git_bytes(root: Path, *words: str) -> bytes:
    """What a command of git prints. Raises DeliveryFailed."""
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise DeliveryFailed(f"git {' '.join(words)}: {reason}. A shallow clone lacks commits: git fetch --unshallow.")
    return done.stdout
