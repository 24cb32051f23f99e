"""The challenger: a version that is tried on the champion's traffic, as its shadow or with a share of the requests."""

from mlops.errors import AliasNotFound, ChallengeRefused
from mlops.registry.aliases import CHALLENGER, Alias, Aliases
from mlops.registry.versions import Versions


def challenge(versions: Versions, aliases: Aliases, number: int, *, share: float, by: str, why: str) -> Alias:
    """Make a version the challenger.

    It is scored on the champion's rows, and both answers are logged; it answers the `share` of the requests, from 0
    (none: it's a shadow) to 1. Raises VersionNotFound, ArtifactInvalid, ChallengeRefused if it failed a gate
    and would answer requests, ValueError for a share that isn't one, and AliasMoved if somebody else moved the alias.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share is between 0 and 1, and this is {share}")
    manifest = versions.manifest(number)
    if share > 0 and not manifest.accepted:
        failed = ", ".join(gate.name for gate in manifest.gates if not gate.passed)
        raise ChallengeRefused(aliases.model, number, f"it failed its gates ({failed}); with share 0 it may shadow")
    return aliases.move(CHALLENGER, number, by=by, why=why, seen=aliases.find(CHALLENGER), share=share)


def withdraw(aliases: Aliases, *, by: str, why: str) -> Alias:
    """Remove the challenger. Raises AliasNotFound if there never was one, AliasMoved if somebody else moved it."""
    seen = aliases.find(CHALLENGER)
    if seen is None:
        raise AliasNotFound(aliases.model, CHALLENGER)
    return aliases.move(CHALLENGER, seen.version, by=by, why=why, seen=seen, action="withdrawal")
