"""Whether and when a failed state is tried again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from localaws.stepfunctions.language.errors import StateError, matches

Rule = Mapping[str, Any]


class Retries:
    """The retriers of one visit to a state, with the number of attempts of each."""

    def __init__(self, retriers: Sequence[Rule], random: Random) -> None:
        self._retriers, self._random = retriers, random
        self._attempts: Counter[int] = Counter()

    @property
    def count(self) -> int:
        """The number of attempts after the first."""
        return self._attempts.total()

    def delay(self, error: StateError) -> float | None:
        """Seconds until the next attempt; None if there's none."""
        index = matching(self._retriers, error)
        if index is None:
            return None
        retrier = self._retriers[index]
        seconds = backoff(retrier, self._attempts[index])
        if seconds is None:
            return None
        self._attempts[index] += 1
        return self._random.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds


def backoff(retrier: Rule, done: int) -> float | None:
    """Seconds until the next attempt after so many retries, without jitter; None if there's none."""
    if done >= retrier.get("MaxAttempts", 3):
        return None
    longest = retrier.get("MaxDelaySeconds", float("inf"))
    return float(min(longest, retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** done))


def matching(rules: Sequence[Rule], error: StateError) -> int | None:
    """The index of the first retrier or catcher that matches an error."""
    found = (index for index, each in enumerate(rules) if any(matches(name, error) for name in each["ErrorEquals"]))
    return next(found, None)
