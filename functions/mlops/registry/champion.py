"""Who serves, decided by people: promotion and rollback, each one conditional write, and the word of it to MLflow."""

from mlops.errors import AliasMoved, AliasNotFound, NothingBefore, VersionRefused
from mlops.registry.aliases import CHAMPION, Alias, Aliases
from mlops.registry.manifest import Manifest
from mlops.registry.mirror import Mirror
from mlops.registry.versions import Versions


def promote_version(
    versions: Versions, aliases: Aliases, number: int, *, by: str, why: str, insist: bool = False
) -> Alias:
    """Make a version the champion, whoever moves the alias meanwhile: both moves stand in its history then.

    Raises VersionNotFound, and VersionRefused for a version that failed a gate, unless a person insists. A version
    that serves already is left alone.
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


def roll_back(
    versions: Versions, aliases: Aliases, *, by: str, why: str, to: int | None = None, instead_of: int | None = None
) -> Alias:
    """Put the champion back to the version before it, or to a particular one.

    `instead_of` is the version that is to be taken away: AliasMoved is raised if another one serves by then, since who
    rolls back has judged the one that they saw. Raises AliasNotFound, NothingBefore, and what reading the version
    raises.
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


def tell_mirror(mirror: Mirror, manifest: Manifest, aliases: Aliases) -> None:
    """Register a version in the mirror, and go on telling it who serves until that was still so afterwards.

    Two who move the champion at once tell the mirror in any order; the last one to look sees what the registry says.
    """
    champion = serving(aliases)
    while True:
        mirror.register(manifest, champion)
        told, champion = champion, serving(aliases)
        if told == champion:
            return


def serving(aliases: Aliases) -> int | None:
    """The version that is champion now, if there is one."""
    alias = aliases.find(CHAMPION)
    return alias.version if alias else None
