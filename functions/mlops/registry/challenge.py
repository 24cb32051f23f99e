"""The challenger: a version that is tried on the champion's own traffic, in its shadow or with a share of it."""

from mlops.errors import AliasNotFound, ChallengeRefused
from mlops.registry.aliases import CHALLENGER, Alias, Aliases
from mlops.registry.versions import Versions


def challenge(versions: Versions, aliases: Aliases, number: int, *, share: float, by: str, why: str) -> Alias:
    """Make a version the challenger.

    It is scored on the champion's rows and logged beside it; of the requests it answers the `share`, from 0 (none,
    which is the shadow alone) to 1. Raises VersionNotFound, ArtifactInvalid, ChallengeRefused where it failed a gate
    and would answer nevertheless, ValueError for a share that is none, and AliasMoved if somebody else moved it.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, and {share} doesn't")
    manifest = versions.manifest(number)
    if share > 0 and not manifest.accepted:
        failed = ", ".join(gate.name for gate in manifest.gates if not gate.passed)
        raise ChallengeRefused(aliases.model, number, f"it failed its gates ({failed}); with share 0 it may shadow")
    return aliases.move(CHALLENGER, number, by=by, why=why, seen=aliases.find(CHALLENGER), share=share)


def withdraw(aliases: Aliases, *, by: str, why: str) -> Alias:
    """Let there be no challenger. Raises AliasNotFound if there was none ever, AliasMoved if somebody moved it."""
    seen = aliases.find(CHALLENGER)
    if seen is None:
        raise AliasNotFound(aliases.model, CHALLENGER)
    return aliases.move(CHALLENGER, seen.version, by=by, why=why, seen=seen, action="withdrawal")
