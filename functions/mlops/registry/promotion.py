"""Which version is champion: promotion by training or by people, and rollback, each one conditional write.

A canary that is tried against the champion before is withdrawn by each.
"""

from collections.abc import Callable, Iterable
from typing import Literal

from mlops.errors.registry import (
    AliasMoved,
    AliasNotFound,
    CanaryRefused,
    NothingBefore,
    VersionNotHeld,
    VersionRefused,
)
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases
from mlops.registry.canary import end_superseded
from mlops.registry.manifest.manifest import Gate, VersionManifest
from mlops.registry.versions import Versions

type Standing = Literal["promoted", "canary", "waiting", "unchanged", "kept", "held", "refused"]

TRAINING = "training"
"""Who moved the alias, where no person did."""


def promote_candidate(
    manifest: VersionManifest,
    aliases: Aliases,
    why: str,
    gates_against: Callable[[int], Iterable[Gate]],
    by: str = TRAINING,
    start_canary: Callable[[], Alias] | None = None,
) -> Standing:
    """Make the version champion if it passed its gates, no newer one is champion, and it is as good as the champion.

    `gates_against` compares it with a champion that isn't the one that it was compared with when it was made: one that
    was promoted in the meantime.

    With `start_canary` a model that has a champion doesn't get this one at once: it's tried as a canary.

    promoted: it is champion now. canary: it answers a share of the requests. waiting: it can't be tried, since another
    is, or since it isn't like the champion. unchanged: it has been champion before, so a repeated delivery must not
    undo what people decided since. kept: a newer version is champion, or one that it isn't shown to be as good as.
    held: it waits for a person's approval. refused: a gate failed.
    """
    compared = manifest.comparison.version if manifest.comparison else None
    while True:
        seen = aliases.find(CHAMPION)
        if seen and any(move.version == manifest.version for move in seen.history):
            return "unchanged"
        if not manifest.accepted:
            return "held" if manifest.held else "refused"
        if seen and seen.version > manifest.version:
            return "kept"
        if seen and seen.version != compared and not all(gate.passed for gate in gates_against(seen.version)):
            return "kept"
        if seen and start_canary:
            return _try_out(manifest.version, aliases, start_canary)
        try:
            aliases.move(CHAMPION, manifest.version, by=by, why=why, seen=seen)
        except AliasMoved:
            continue
        end_superseded(aliases)
        return "promoted"


def _try_out(number: int, aliases: Aliases, start_canary: Callable[[], Alias]) -> Standing:
    """Start a canary, unless the version has been one before: what became of that stands."""
    tried = aliases.find(CHALLENGER)
    if tried and any(move.canary and move.version == number for move in tried.history):
        return "canary" if tried.canary and tried.version == number else "unchanged"
    try:
        start_canary()
    except CanaryRefused:
        return "waiting"
    return "canary"


def promote_version(
    versions: Versions,
    aliases: Aliases,
    number: int,
    *,
    by: str,
    why: str,
    insist: bool = False,
    seen_moves: int | None = None,
) -> Alias:
    """Make a version champion. If somebody else moves the alias at the same time, its history has both moves.

    With `seen_moves`, AliasMoved is raised instead, as Aliases.find does. Raises VersionNotFound, and VersionRefused
    for a version that failed a gate, unless `insist`. Does nothing if the version is champion already.
    """
    manifest = versions.manifest(number)
    if not manifest.accepted and not insist:
        raise VersionRefused(
            manifest.model, number, [gate.detail or gate.name for gate in manifest.gates if not gate.passed]
        )
    while True:
        seen = aliases.find(CHAMPION, seen_moves)
        if seen and seen.version == number:
            return seen
        try:
            moved = aliases.move(CHAMPION, number, by=by, why=why, seen=seen)
        except AliasMoved:
            continue
        end_superseded(aliases)
        return moved


def approve_version(
    versions: Versions, aliases: Aliases, number: int, *, by: str, why: str, seen_moves: int | None = None
) -> Alias:
    """Make a version champion that waits for a person's approval; `seen_moves` is promote_version's.

    Raises VersionNotFound, and VersionNotHeld for a version that waits for none: it passed, or failed another gate.
    """
    manifest = versions.manifest(number)
    if not manifest.held:
        raise VersionNotHeld(manifest.model, number, accepted=manifest.accepted)
    return promote_version(versions, aliases, number, by=by, why=why, insist=True, seen_moves=seen_moves)


def roll_back(
    versions: Versions, aliases: Aliases, *, by: str, why: str, to: int | None = None, instead_of: int | None = None
) -> Alias:
    """Put the champion back to the version before it, or to a particular one.

    `instead_of` is the version to replace: AliasMoved is raised if another one is champion by now, since the decision
    was made about the former. Raises AliasNotFound, NothingBefore, and what reading the version raises.
    """
    seen = aliases.find(CHAMPION)
    if seen is None:
        raise AliasNotFound(aliases.model, CHAMPION)
    if instead_of is not None and seen.version != instead_of:
        raise AliasMoved(aliases.model, CHAMPION)
    number = seen.predecessor if to is None else to
    if number is None:
        raise NothingBefore(aliases.model, seen.version)
    versions.manifest(number)
    if number == seen.version:
        return seen
    moved = aliases.move(CHAMPION, number, by=by, why=why, seen=seen, action="rollback")
    end_superseded(aliases)
    return moved


def champion_version(aliases: Aliases) -> int | None:
    """The version that is champion now, if there is one."""
    alias = aliases.find(CHAMPION)
    return alias.version if alias else None
