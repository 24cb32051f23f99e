"""Who serves: a version that earned it becomes the champion, once."""

from typing import Literal

from mlops.errors import AliasMoved, AliasNotFound
from mlops.registry.aliases import CHAMPION, Alias, Aliases
from mlops.registry.manifest import Manifest

type Standing = Literal["promoted", "unchanged", "kept", "refused"]


def promote(manifest: Manifest, aliases: Aliases, by: str, why: str) -> Standing:
    """Make the version champion if it passed its gates and none newer serves.

    promoted: it serves from now on. unchanged: it has been champion before, so a repeated delivery must not undo what
    people decided since. kept: a newer version serves. refused: a gate failed.
    """
    while True:
        seen = _read(aliases)
        if seen and any(move.version == manifest.version for move in seen.history):
            return "unchanged"
        if not manifest.accepted:
            return "refused"
        if seen and seen.version > manifest.version:
            return "kept"
        try:
            aliases.move(CHAMPION, manifest.version, by=by, why=why, seen=seen)
        except AliasMoved:
            continue
        return "promoted"


def _read(aliases: Aliases) -> Alias | None:
    try:
        return aliases.read(CHAMPION)
    except AliasNotFound:
        return None
