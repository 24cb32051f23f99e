"""A canary: a version that answers a share of the requests until it's promoted, withdrawn, or its time is up.

It's the challenger with the rules of its trial in the alias's last move. How it ends is decided by one conditional
write of that alias, so of two that decide at once only one does. An accepted version becomes champion by a second
write, which whoever comes next makes up for if it's missing. A champion that is moved by anybody ends the trial: the
server gives no share to a challenger whose champion isn't the one that it's compared with.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from mlops.errors.registry import AliasMoved, CanaryNotRunning, CanaryRefused
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases, Canary, Undecided
from mlops.registry.manifest.manifest import TABLE, Manifest
from mlops.registry.versions import Versions

if TYPE_CHECKING:
    from mlops.registry.versions import AnyManifest

MONITORING = "monitoring"
"""Who moved the alias, where the evidence of a canary decided."""


@dataclass(frozen=True, kw_only=True)
class CanaryPlan:
    """The share of the requests that a canary answers, for how long at most, and what then if nothing is decided."""

    share: float
    lasts: timedelta
    undecided: Undecided | None = None

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"a canary's share lies between 0 and 1, and this is {self.share}")
        if self.lasts <= timedelta():
            raise ValueError(f"a canary lasts longer than {self.lasts}")


def start_canary(
    versions: Versions, aliases: Aliases, number: int, plan: CanaryPlan, *, by: str, why: str, insist: bool = False
) -> Alias:
    """Let a version answer a share of the requests, to become champion if it's shown to be as good.

    Does nothing if this canary is running already. Another challenger is replaced, unless it's in a canary itself.
    Raises VersionNotFound, ArtifactInvalid, and CanaryRefused: for a version that failed a gate, unless `insist`; that
    is the champion, or takes other columns or labels; for recommenders; without a champion; and while another is tried.
    """
    manifest = versions.manifest(number)
    while True:
        champion = aliases.find(CHAMPION)
        if champion is None:
            raise CanaryRefused(aliases.model, number, "the model has no champion yet; promote it without a canary")
        if reason := _unfit(manifest, champion, versions, insist=insist):
            raise CanaryRefused(aliases.model, number, reason)
        end_superseded(aliases)
        seen = aliases.find(CHALLENGER)
        if running := seen and seen.canary:
            assert seen is not None
            if (seen.version, seen.share) == (number, plan.share):
                return seen
            reason = f"version {seen.version} is in a canary until {running.until:%Y-%m-%d %H:%M} UTC; stop that first"
            raise CanaryRefused(aliases.model, number, reason)
        canary = Canary(
            against=champion.version,
            moves=len(champion.history),
            until=aliases.now() + plan.lasts,
            undecided=plan.undecided,
        )
        try:
            return aliases.move(CHALLENGER, number, by=by, why=why, seen=seen, share=plan.share, canary=canary)
        except AliasMoved:
            continue


def find_canary(aliases: Aliases) -> Alias | None:
    """The challenger if it's in a canary, whether or not its champion still serves."""
    seen = aliases.find(CHALLENGER)
    return seen if seen and seen.canary else None


def stop_canary(aliases: Aliases, *, by: str, why: str) -> Alias:
    """Withdraw the version that is tried. Raises CanaryNotRunning, or AliasMoved if somebody else ended it."""
    seen = find_canary(aliases)
    if seen is None:
        raise CanaryNotRunning(aliases.model)
    return withdraw_canary(aliases, seen, by=by, why=why)


def withdraw_canary(aliases: Aliases, seen: Alias, *, by: str, why: str) -> Alias:
    """End the canary as it was `seen`. Raises AliasMoved if somebody else ended it."""
    return aliases.move(CHALLENGER, seen.version, by=by, why=why, seen=seen, action="withdrawal")


def accept_canary(aliases: Aliases, seen: Alias, *, by: str, why: str) -> Alias | None:
    """End the canary as it was `seen`, and make its version champion; as `complete_acceptance`.

    Raises AliasMoved if somebody else ended it.
    """
    aliases.move(
        CHALLENGER, seen.version, by=by, why=why, seen=seen, action="acceptance", canary=seen.history[-1].canary
    )
    return complete_acceptance(aliases)


def complete_acceptance(aliases: Aliases) -> Alias | None:
    """Make the version of an accepted canary champion, if that is still to be done; the champion, if it's done now.

    None if nothing was to be done, or if the champion has been moved since the canary began: that stands.
    """
    challenger, champion = aliases.find(CHALLENGER), aliases.find(CHAMPION)
    if challenger is None or champion is None:
        return None
    move = challenger.history[-1]
    if move.action != "acceptance" or move.canary is None or move.canary.moves != len(champion.history):
        return None
    try:
        return aliases.move(CHAMPION, move.version, by=move.by, why=move.why, seen=champion)
    except AliasMoved:
        return None


def end_superseded(aliases: Aliases) -> Alias | None:
    """Withdraw a canary whose champion has been moved since it began; the challenger, if there was such a one."""
    while True:
        champion, seen = aliases.find(CHAMPION), find_canary(aliases)
        canary = seen.canary if seen else None
        if champion is None or seen is None or canary is None or canary.moves == len(champion.history):
            return None
        move = champion.history[canary.moves] if canary.moves < len(champion.history) else champion.history[-1]
        why = (
            f"the champion was moved from version {canary.against} to version {move.version}: "
            f"{move.action} by {move.by}, {move.why}"
        )
        try:
            return withdraw_canary(aliases, seen, by=move.by, why=why)
        except AliasMoved:
            continue


def _unfit(manifest: "AnyManifest", champion: Alias, versions: Versions, *, insist: bool) -> str | None:
    """Why a version can't be tried against a champion; None if it can."""
    if manifest.version == champion.version:
        return "it's the champion"
    if manifest.kind != TABLE:
        return (
            "it's a recommender, whose answers are compared by clicks: "
            "see `scripts/mlops models challenge` and `compare`"
        )
    if not manifest.accepted and not insist:
        failed = ", ".join(gate.name for gate in manifest.gates if not gate.passed)
        return f"it failed its gates ({failed})"
    serving = versions.manifest(champion.version)
    if not isinstance(serving, Manifest) or not isinstance(manifest, Manifest):
        return f"version {champion.version}, the champion, is a {serving.kind}"
    if serving.contract.columns != manifest.contract.columns:
        return f"it takes other columns than version {champion.version}, the champion"
    if serving.contract.target.labels != manifest.contract.target.labels:
        return f"it has other labels than version {champion.version}, the champion"
    return None
