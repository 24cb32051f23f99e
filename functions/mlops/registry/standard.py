"""The best earlier version: the one below which no champion may fall, however small the steps.

A candidate may be worse than the champion by what the rows can't exclude. Were each only compared with the last one,
such losses could add up over the years. So it's compared with the best version too: the last one that was shown to be
better than the best before it, or that a person promoted. A canary shows no more than that a version isn't worse by
more than the margin, so what it promoted counts as promoted by training.
"""

from dataclasses import dataclass

from mlops.errors.registry import ArtifactInvalid, VersionNotFound
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.canary import MONITORING
from mlops.registry.promotion import TRAINING
from mlops.registry.versions import Versions


@dataclass(frozen=True)
class Standard:
    """The versions that a candidate is compared with: the champion, and the best one; None where there's none.

    `incident` is the one that assembled the dataset: it has shown that the champion is worse than it was.
    """

    champion: int | None
    best: int | None
    incident: str | None = None


def best_version(versions: Versions, aliases: Aliases) -> int | None:
    """The number of the best version so far; None without a champion."""
    alias = aliases.find(CHAMPION)
    if alias is None:
        return None
    move = alias.history[-1]
    if move.by not in (TRAINING, MONITORING) or move.action != "promotion":
        return alias.version
    try:
        manifest = versions.manifest(alias.version)
    except (VersionNotFound, ArtifactInvalid):
        return alias.version
    found = manifest.comparison_with_best or manifest.comparison
    if found is None or found.overall is None or found.overall.verdict == "better":
        return alias.version
    return found.version
