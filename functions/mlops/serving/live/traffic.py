"""Who answers a request, the champion or its challenger, and what the challenger would have answered (shadow scoring).

What runs after a response doesn't run on Lambda, so the shadow is scored before it. Its cost is measured as it goes and
bounded on average: of many rows only as many are scored as the budget has time for, and where there's no time for one
row, one row of some requests.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from mlops.privacy import private_columns
from mlops.serving.live.assignment import draw_position, find_entity
from mlops.serving.live.challenger import ChallengerFollower
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer, Scores

type Role = Literal["champion", "challenger", "fallback", "requested"]
"""As what a version answers; as the fallback the champion does, for a challenger that failed."""

_LATEST_WEIGHT = 0.2  # of the latest cost in the running mean


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores that a request is answered with, and the version that gave them, in its role."""

    scorer: Scorer
    scores: Scores
    role: Role


@dataclass(frozen=True, slots=True)
class Shadow:
    """The challenger's scores of the first rows of a request, and how long they took."""

    scorer: Scorer
    scores: Scores
    rows: int
    milliseconds: float


class FailureListener(Protocol):
    """Receives the failures of challengers."""

    def challenger_failed(self, model: str, version: int, reason: str, *, is_new: bool) -> None:
        """It gave no answer; `is_new` unless an error of the same type was reported before."""


def random_fraction() -> float:
    """A number from 0 up to 1, drawn by the kernel: a process restored from a snapshot repeats none."""
    return int.from_bytes(os.urandom(6)) / 2**48


class TrafficSplit:
    """Splits requests between champion and challenger. No error of the challenger reaches an answer.

    `budget` is how many milliseconds the shadow may add to a request on average.
    """

    def __init__(
        self,
        listener: FailureListener,
        budget: float,
        random: Callable[[], float] = random_fraction,
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._listener = listener
        self._budget = budget / 1e3
        self._random = random
        self._clock = clock
        self._now = now
        self._pairs: dict[str, _Pair] = {}

    def score(
        self, champion: Scorer, follower: ChallengerFollower, rows: Sequence[Row], entity: str | None = None
    ) -> Scored:
        """The answer to rows: the challenger's for its share of the requests, the champion's for the others.

        `entity` is whom they are about, if the client named it: a canary answers always the same ones.
        """
        challenger = follower.scorer
        role: Role = "champion"
        if isinstance(challenger, Scorer) and self._has_turn(champion, challenger, follower, rows, entity):
            pair = self._pair(champion, challenger)
            if pair.is_interchangeable:
                try:
                    return Scored(challenger, challenger.score(rows), "challenger")
                except Exception as error:  # noqa: BLE001
                    self._report(pair, error)
                    role = "fallback"
        return Scored(champion, champion.score(rows), role)

    def _has_turn(
        self,
        champion: Scorer,
        challenger: Scorer,
        follower: ChallengerFollower,
        rows: Sequence[Row],
        entity: str | None,
    ) -> bool:
        """Whether a request is among the challenger's share."""
        share = follower.share_against(champion.manifest.version, self._now())
        if not share:
            return False
        if follower.canary is None:
            return self._random() < share
        found = find_entity(entity, rows, champion.manifest)
        return draw_position(found, challenger.manifest.model, challenger.manifest.version) < share

    def shadow(self, scored: Scored, follower: ChallengerFollower, rows: Sequence[Row]) -> Shadow | None:
        """The challenger's scores of the rows that the champion answered, or of as many as there is time for."""
        challenger = follower.scorer
        if not isinstance(challenger, Scorer) or scored.role != "champion":
            return None
        if not follower.challenges(scored.scorer.manifest.version):
            return None
        pair = self._pair(scored.scorer, challenger)
        count = min(len(rows), self._affordable_rows(pair))
        if not count:
            return None
        started = self._clock()
        try:
            scores = challenger.score(pair.translate(rows[:count]))
        except Exception as error:  # noqa: BLE001
            self._report(pair, error)
            return None
        finally:
            pair.note_cost((self._clock() - started) / count)
        return Shadow(challenger, scores, count, (self._clock() - started) * 1e3)

    def _affordable_rows(self, pair: "_Pair") -> int:
        if not self._budget or pair.cost is None:
            return int(self._budget > 0)
        if pair.cost <= self._budget:
            return int(self._budget / max(pair.cost, 1e-9))
        return int(self._random() < self._budget / pair.cost)

    def _pair(self, champion: Scorer, challenger: Scorer) -> "_Pair":
        """The two versions of now; what is known of an earlier pair is forgotten."""
        model = champion.manifest.model
        pair = self._pairs.get(model)
        if pair is None or pair.champion is not champion or pair.challenger is not challenger:
            pair = self._pairs[model] = _Pair(champion, challenger)
        return pair

    def _report(self, pair: "_Pair", error: Exception) -> None:
        contracts = (pair.champion.contract, pair.challenger.contract)
        is_private = any(map(private_columns, contracts))
        reason = type(error).__name__ if is_private else f"{type(error).__name__}: {error}"
        manifest = pair.challenger.manifest
        is_new = type(error) not in pair.reported
        pair.reported.add(type(error))
        self._listener.challenger_failed(manifest.model, manifest.version, reason, is_new=is_new)


class _Pair:
    """A champion and its challenger: whether they take the same rows, and what a row costs in seconds."""

    def __init__(self, champion: Scorer, challenger: Scorer) -> None:
        self.champion = champion
        self.challenger = challenger
        first, second = champion.contract, challenger.contract
        self.is_interchangeable = first.columns == second.columns and first.target.labels == second.target.labels
        self.cost: float | None = None
        self.reported: set[type] = set()

    def translate(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows as the challenger takes them. Raises InputRejected if they break its contract."""
        if self.is_interchangeable:
            return rows
        names = self.challenger.contract.names
        return self.challenger.reader.check([{name: row[name] for name in names if name in row} for row in rows])

    def note_cost(self, cost: float) -> None:
        """Take a cost into the running mean."""
        self.cost = cost if self.cost is None else self.cost + _LATEST_WEIGHT * (cost - self.cost)
