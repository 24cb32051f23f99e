"""The challenger: a version that is tried on live traffic before it may become champion."""

from typing import Any, ClassVar

from mlops.registry.aliases import CHALLENGER, Alias, Canary
from mlops.serving.live.follower import Follower


class ChallengerFollower(Follower):
    """Keeps a model's challenger in memory; `share` is the part of the requests that it answers, as a `canary` or not.

    A model without a challenger has no fault, and a challenger that can't be used isn't there.
    """

    alias: ClassVar[str] = CHALLENGER

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.share = 0.0
        self.canary: Canary | None = None

    def challenges(self, champion: int) -> bool:
        """Whether it's tried against this champion: a canary is over as soon as another one serves."""
        return self.canary is None or self.canary.against == champion

    def share_against(self, champion: int, now: float) -> float:
        """The part of the requests that it answers next to a champion; a canary none after its time, in seconds."""
        canary = self.canary
        if canary is None:
            return self.share
        return self.share if canary.against == champion and now < canary.until.timestamp() else 0.0

    def _handle_missing_alias(self) -> None:
        self.scorer, self.share, self.canary, self._tag = None, 0.0, None, None
        self._recover()

    def _apply(self, alias: Alias) -> None:
        if self.scorer and (alias.withdrawn or self.scorer.manifest.version != alias.version):
            self.scorer = None
        # In this order a thread that answers meanwhile never takes a canary for a challenger of any champion.
        if alias.canary:
            self.canary, self.share = alias.canary, alias.share
        else:
            self.share, self.canary = alias.share, None
        if not alias.withdrawn:
            super()._apply(alias)
            return
        self._tag = alias.tag
        self._recover()

    def _fall_back(self, alias: Alias, reason: str) -> None:
        """Nothing: no other version is tried in a challenger's place."""

    def _report_unreachable(self, reason: str) -> None:
        """Nothing: the champion's follower polls the same registry, and reports it once for both."""
