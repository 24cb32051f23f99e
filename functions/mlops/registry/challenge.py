"""The challenger: a version that is tried on the champion's traffic, as its shadow or with a share of the requests."""

from mlops.errors.registry import AliasNotFound, ChallengeRefused
from mlops.registry.aliases import CHALLENGER, Alias, Aliases
from mlops.registry.versions import Versions


def challenge(
    versions: Versions,
    aliases: Aliases,
    number: int,
    *,
    share: float,
    by: str,
    why: str,
    seen_moves: int | None = None,
) -> Alias:
    """Make a version the challenger.

    It is scored on the champion's rows, and both answers are logged; it answers the `share` of the requests, from 0
    (none: it's a shadow) to 1. Raises VersionNotFound, ArtifactInvalid, ChallengeRefused if it failed a gate
    and would answer requests, or while a canary is running, ValueError for a share that isn't one, and AliasMoved if
    somebody else moved the alias: meanwhile, or since its history had `seen_moves`.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share is between 0 and 1, and this is {share}")
    manifest = versions.manifest(number)
    if share > 0 and not manifest.accepted:
        failed = ", ".join(gate.name for gate in manifest.gates if not gate.passed)
        raise ChallengeRefused(aliases.model, number, f"it failed its gates ({failed}); with share 0 it may shadow")
    seen = aliases.find(CHALLENGER, seen_moves)
    if seen and seen.canary:
        reason = f"version {seen.version} is in a canary until {seen.canary.until:%Y-%m-%d %H:%M} UTC; stop that first"
        raise ChallengeRefused(aliases.model, number, reason)
    return aliases.move(CHALLENGER, number, by=by, why=why, seen=seen, share=share)


def withdraw(aliases: Aliases, *, by: str, why: str, seen_moves: int | None = None) -> Alias:
    """Remove the challenger. Raises AliasNotFound if there never was one, and AliasMoved as `challenge` does."""
    seen = aliases.find(CHALLENGER, seen_moves)
    if seen is None:
        raise AliasNotFound(aliases.model, CHALLENGER)
    return aliases.move(CHALLENGER, seen.version, by=by, why=why, seen=seen, action="withdrawal")
