"""The version that served at a moment, and how it came to."""

from dataclasses import dataclass
from datetime import datetime

from mlops.registry.aliases import Alias, Move
from mlops.registry.manifest.manifest import Manifest


@dataclass(frozen=True)
class Champion:
    """The serving version: what it was trained on, and how it came to serve."""

    manifest: Manifest
    move: Move

    @property
    def promotion(self) -> str:
        """How it came to serve, in one sentence."""
        return describe_move(self.move)


def describe_move(move: Move) -> str:
    """How a version came to serve, in one sentence."""
    since = f"{move.at:%Y-%m-%d %H:%M} UTC"
    return f"version {move.version} serves since {since}: {move.action} by {move.by}, {move.why}"


def find_move(alias: Alias, moment: datetime) -> Move:
    """The move by which the version that served at a moment came to serve; the first one before all of them."""
    return next((move for move in reversed(alias.history) if move.at < moment), alias.history[0])
