"""Who serves: a version that earned it becomes the champion, once."""

from collections.abc import Callable, Iterable
from typing import Literal

from mlops.errors import AliasMoved
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest import Gate, Manifest

type Standing = Literal["promoted", "unchanged", "kept", "refused"]


def promote(manifest: Manifest, aliases: Aliases, by: str, why: str, meet: Callable[[int], Iterable[Gate]]) -> Standing:
    """Make the version champion if it passed its gates, none newer serves, and it is as good as who serves now.

    `meet` gives the gates beside a champion other than the one that the version was compared with when it was made:
    one that came to serve meanwhile.

    promoted: it serves from now on. unchanged: it has been champion before, so a repeated delivery must not undo what
    people decided since. kept: a newer version serves, or one that it isn't shown to be as good as. refused: a gate
    failed.
    """
    compared = manifest.comparison.version if manifest.comparison else None
    while True:
        seen = aliases.find(CHAMPION)
        if seen and any(move.version == manifest.version for move in seen.history):
            return "unchanged"
        if not manifest.accepted:
            return "refused"
        if seen and seen.version > manifest.version:
            return "kept"
        if seen and seen.version != compared and not all(gate.passed for gate in meet(seen.version)):
            return "kept"
        try:
            aliases.move(CHAMPION, manifest.version, by=by, why=why, seen=seen)
        except AliasMoved:
            continue
        return "promoted"
