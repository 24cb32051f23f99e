"""The challenger: a version that is tried on live traffic before it may become champion."""

from typing import Any, ClassVar

from mlops.registry.aliases import CHALLENGER, Alias
from mlops.serving.live.follower import Follower


class ChallengerFollower(Follower):
    """Keeps a model's challenger in memory; `share` is the part of the requests that it answers.

    A model without a challenger has no fault, and a challenger that can't be used isn't there.
    """

    alias: ClassVar[str] = CHALLENGER

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.share = 0.0

    def _handle_missing_alias(self) -> None:
        self.scorer, self.share, self._tag = None, 0.0, None
        self._recover()

    def _apply(self, alias: Alias) -> None:
        self.share = alias.share
        if self.scorer and (alias.withdrawn or self.scorer.manifest.version != alias.version):
            self.scorer = None
        if not alias.withdrawn:
            super()._apply(alias)
            return
        self._tag = alias.tag
        self._recover()

    def _candidates(self, alias: Alias) -> list[int]:
        return [alias.version]

    def _report_unreachable(self, reason: str) -> None:
        """Nothing: the champion's follower polls the same registry, and reports it once for both."""
