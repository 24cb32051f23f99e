"""Scores of estimators on single folds, which may be fitted elsewhere, and which of them a search needs next."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

FREE_TRIALS = 10
"""So many trials Optuna draws at random, whatever the others' scores: its `n_startup_trials`."""


@dataclass(frozen=True)
class FoldFit:
    """A candidate with a trial's parameters, fitted on the rows outside of a fold of a repeat of cross-validation."""

    candidate: str
    parameters: Mapping[str, Any]
    repeat: int
    fold: int

    @property
    def key(self) -> str:
        """What it's known by."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    @property
    def is_portable(self) -> bool:
        """Whether its parameters are the same once they were written as JSON."""
        try:
            return bool(json.loads(json.dumps(self.parameters)) == self.parameters)
        except TypeError:
            return False

    def to_dict(self) -> dict[str, Any]:
        """It as JSON."""
        parameters = dict(self.parameters)
        return {"candidate": self.candidate, "parameters": parameters, "repeat": self.repeat, "fold": self.fold}


@dataclass(frozen=True)
class Scored:
    """The score of a fit of which nothing else is at hand."""

    score: float


class FitFailed(Exception):
    """A fit failed elsewhere, for the reason that is the message."""


class Planned(Exception):
    """What a search needs next follows from scores that aren't known yet."""


class Scores(Protocol):
    """Scores of fits."""

    def find(self, fits: Sequence[FoldFit]) -> list[Scored] | None:
        """The scores of these fits, None if one isn't known. Raises FitFailed for the first one that failed."""


@dataclass(frozen=True)
class KnownScores:
    """Scores that were written down, by the fits' keys: `{"score": …}` or `{"failure": …}` each."""

    outcomes: Mapping[str, Mapping[str, Any]]

    def find(self, fits: Sequence[FoldFit]) -> list[Scored] | None:
        """The scores of these fits, None if one isn't known. Raises FitFailed for the first one that failed."""
        found = [self.outcomes.get(fit.key) if fit.is_portable else None for fit in fits]
        if any(each is None or not each.keys() & {"score", "failure"} for each in found):
            return None
        return [_score(each) for each in found if each is not None]


NO_SCORES = KnownScores({})


@dataclass
class Plan:
    """Stands for scores in a search that finds out what it needs next: `pending` are the fits that aren't known.

    A score that isn't known is made up. A search goes on with that as long as what it tries doesn't follow from it:
    what it tries is needed then, except where trials turn out to be pruned.
    """

    known: KnownScores
    folds: int
    pending: list[FoldFit] = field(default_factory=list)
    _trials: set[str] = field(default_factory=set)
    _latest: float = 0.0

    def find(self, fits: Sequence[FoldFit]) -> list[Scored] | None:
        """The known scores, or made-up ones. Raises FitFailed, and Planned where a made-up one would decide."""
        first = fits[0]
        is_trial = first.repeat == 0
        if is_trial:
            self._trials.add(json.dumps([first.candidate, first.parameters], sort_keys=True, default=repr))
        guessed = any(each.repeat == 0 for each in self.pending)
        if guessed and (not is_trial or len(self._trials) > FREE_TRIALS):
            raise Planned
        found = self.known.find(fits)
        if found is not None:
            self._latest = found[-1].score
            return found
        if not all(fit.is_portable for fit in fits):
            raise Planned
        whole = [FoldFit(first.candidate, first.parameters, first.repeat, fold) for fold in range(self.folds)]
        self.pending += [fit for fit in whole if fit not in self.pending and fit.key not in self.known.outcomes]
        return [Scored(self._latest)] * len(fits)


def _score(outcome: Mapping[str, Any]) -> Scored:
    if "failure" in outcome:
        raise FitFailed(outcome["failure"])
    return Scored(float(outcome["score"]))
