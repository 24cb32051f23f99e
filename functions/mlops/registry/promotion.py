"""Which version is champion: promotion by training or by people, and rollback, each one conditional write."""

from collections.abc import Callable, Iterable
from typing import Literal

from mlops.errors import AliasMoved, AliasNotFound, NothingBefore, VersionNotHeld, VersionRefused
from mlops.registry.aliases import CHAMPION, Alias, Aliases
from mlops.registry.manifest.manifest import Gate, Manifest
from mlops.registry.versions import Versions

type Standing = Literal["promoted", "unchanged", "kept", "held", "refused"]

TRAINING = "training"
"""Who moved the alias, where no person did."""


def promote_candidate(
    manifest: Manifest,
    aliases: Aliases,
    why: str,
    gates_against: Callable[[int], Iterable[Gate]],
    by: str = TRAINING,
) -> Standing:
    """Make the version champion if it passed its gates, no newer one is champion, and it is as good as the champion.

    `gates_against` compares it with a champion that isn't the one that it was compared with when it was made: one that
    was promoted in the meantime.

    promoted: it is champion now. unchanged: it has been champion before, so a repeated delivery must not undo what
    people decided since. kept: a newer version is champion, or one that it isn't shown to be as good as. held: it waits
    for a person's approval. refused: a gate failed.
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
        try:
            aliases.move(CHAMPION, manifest.version, by=by, why=why, seen=seen)
        except AliasMoved:
            continue
        return "promoted"


def promote_version(
    versions: Versions, aliases: Aliases, number: int, *, by: str, why: str, insist: bool = False
) -> Alias:
    """Make a version champion. If somebody else moves the alias at the same time, its history has both moves.

    Raises VersionNotFound, and VersionRefused for a version that failed a gate, unless `insist`. Does nothing if the
    version is champion already.
    """
    manifest = versions.manifest(number)
    if not manifest.accepted and not insist:
        raise VersionRefused(
            manifest.model, number, [gate.detail or gate.name for gate in manifest.gates if not gate.passed]
        )
    while True:
        seen = aliases.find(CHAMPION)
        if seen and seen.version == number:
            return seen
        try:
            return aliases.move(CHAMPION, number, by=by, why=why, seen=seen)
        except AliasMoved:
            continue


def approve_version(versions: Versions, aliases: Aliases, number: int, *, by: str, why: str) -> Alias:
    """Make a version champion that waits for a person's approval.

    Raises VersionNotFound, and VersionNotHeld for a version that waits for none: it passed, or failed another gate.
    """
    manifest = versions.manifest(number)
    if not manifest.held:
        raise VersionNotHeld(manifest.model, number, accepted=manifest.accepted)
    return promote_version(versions, aliases, number, by=by, why=why, insist=True)


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
    return aliases.move(CHAMPION, number, by=by, why=why, seen=seen, action="rollback")


def champion_version(aliases: Aliases) -> int | None:
    """The version that is champion now, if there is one."""
    alias = aliases.find(CHAMPION)
    return alias.version if alias else None
