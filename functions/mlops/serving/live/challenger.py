"""The challenger: scored on the rows that the champion answers, logged beside it, and given a share of the traffic.

What runs after a response doesn't run on Lambda, so the shadow is scored before it. Its cost is measured as it goes and
bounded on average: of many rows only as many are scored as the budget has time for, and where there's no time for one
row, one row of some requests.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from mlops.registry.aliases import CHALLENGER, Alias
from mlops.serving.live.follower import Follower
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer, Scores

type Role = Literal["champion", "challenger", "requested"]

_LATEST = 0.2  # weight of the latest cost in the running mean


class ChallengerFollower(Follower):
    """Keeps a model's challenger in memory; `share` is the part of the requests that it answers.

    To have none is no fault, and one that can't be used is none.
    """

    alias: ClassVar[str] = CHALLENGER

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.share = 0.0

    def _miss(self) -> None:
        self.scorer, self.share, self._seen = None, 0.0, None
        self._recover()

    def _follow(self, alias: Alias) -> None:
        self.share = alias.share
        if self.scorer and (alias.withdrawn or self.scorer.manifest.version != alias.version):
            self.scorer = None
        if not alias.withdrawn:
            super()._follow(alias)
            return
        self._seen = alias.tag
        self._recover()

    def _candidates(self, alias: Alias) -> list[int]:
        return [alias.version]

    def _tell_unreachable(self, reason: str) -> None:
        """The champion's follower asks the same registry, and says so once for both."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """What the challenger says of the first rows of a request, and how long that took."""

    scorer: Scorer
    scores: Scores
    rows: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who answers a request, as what, and what is answered."""

    scorer: Scorer
    scores: Scores
    role: Role


class Referee(Protocol):
    """Who is told that a challenger failed."""

    def challenger_failed(self, model: str, version: int, reason: str, *, news: bool) -> None:
        """It gave no answer; `news` unless the same reason was told before."""


def draw() -> float:
    """A number from 0 up to 1. The kernel draws it: a process restored from a snapshot repeats none."""
    return int.from_bytes(os.urandom(6)) / 2**48


class Contest:
    """Has rows scored by the champion or its challenger. Nothing that goes wrong with the challenger harms an answer.

    `budget` is how many milliseconds the shadow may add to a request on average.
    """

    def __init__(
        self,
        referee: Referee,
        budget: float,
        random: Callable[[], float] = draw,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._referee = referee
        self._budget = budget / 1e3
        self._random = random
        self._clock = clock
        self._pairs: dict[str, _Pair] = {}

    def score(self, champion: Scorer, follower: ChallengerFollower | None, rows: Sequence[Row]) -> Verdict:
        """The answer to rows: the challenger's for its share of the requests, the champion's for the others.

        Without a follower the scorer isn't the champion, but a version that was asked for.
        """
        if follower is None:
            return Verdict(champion, champion.score(rows), "requested")
        challenger, share = follower.scorer, follower.share
        if challenger is not None and share > 0 and self._random() < share:
            pair = self._pair(champion, challenger)
            if pair.alike:
                try:
                    return Verdict(challenger, challenger.score(rows), "challenger")
                except Exception as error:  # noqa: BLE001
                    self._tell(pair, error)
        return Verdict(champion, champion.score(rows), "champion")

    def shadow(self, verdict: Verdict, follower: ChallengerFollower | None, rows: Sequence[Row]) -> Shadow | None:
        """What the challenger says of the rows that the champion answered, or of as many as there is time for."""
        challenger = follower.scorer if follower else None
        if challenger is None or verdict.role != "champion":
            return None
        pair = self._pair(verdict.scorer, challenger)
        count = min(len(rows), self._allowed(pair))
        if not count:
            return None
        started = self._clock()
        try:
            scores = challenger.score(pair.translate(rows[:count]))
        except Exception as error:  # noqa: BLE001
            self._tell(pair, error)
            return None
        finally:
            pair.note((self._clock() - started) / count)
        return Shadow(challenger, scores, count, (self._clock() - started) * 1e3)

    def _allowed(self, pair: "_Pair") -> int:
        if not self._budget or pair.cost is None:
            return int(self._budget > 0)
        if pair.cost <= self._budget:
            return int(self._budget / max(pair.cost, 1e-9))
        return int(self._random() < self._budget / pair.cost)

    def _pair(self, champion: Scorer, challenger: Scorer) -> "_Pair":
        """The two as they stand now; what is known of an earlier two is forgotten."""
        model = champion.manifest.model
        pair = self._pairs.get(model)
        if pair is None or pair.champion is not champion or pair.challenger is not challenger:
            pair = self._pairs[model] = _Pair(champion, challenger)
        return pair

    def _tell(self, pair: "_Pair", error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        manifest = pair.challenger.manifest
        news = type(error) not in pair.told
        pair.told.add(type(error))
        self._referee.challenger_failed(manifest.model, manifest.version, reason, news=news)


class _Pair:
    """A champion and its challenger: whether they take the same rows, and what a row costs in seconds."""

    def __init__(self, champion: Scorer, challenger: Scorer) -> None:
        self.champion = champion
        self.challenger = challenger
        ours, theirs = champion.contract, challenger.contract
        self.alike = ours.columns == theirs.columns and ours.target.labels == theirs.target.labels
        self.cost: float | None = None
        self.told: set[type] = set()

    def translate(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows as the challenger takes them. Raises InputRejected if they break its contract."""
        if self.alike:
            return rows
        names = self.challenger.contract.names
        return self.challenger.reader.check([{name: row[name] for name in names if name in row} for row in rows])

    def note(self, cost: float) -> None:
        """Take a cost into the running mean."""
        self.cost = cost if self.cost is None else self.cost + _LATEST * (cost - self.cost)
