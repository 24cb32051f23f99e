"""The trials: one after another, until their number or the time is used up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Self

from mlops.registry.manifest.search import Ended, Search, Trial
from mlops.spec import ModelSpec
from mlops.spec.search_space import Candidate
from mlops.training.search.cores import Cores
from mlops.training.search.estimators import make_estimator
from mlops.training.search.folds import Folds, HeldOut
from mlops.training.search.suggestions import Suggestion, Suggestions

FOLDS_BEFORE_PRUNING = 2


@dataclass(frozen=True, eq=False)
class TrialResult:
    """A trial that ran in all folds, with what was answered in them."""

    trial: Trial
    held: list[HeldOut]


@dataclass(frozen=True, eq=False)
class Trials:
    """Every trial in its order, each candidate's best one in the spec's order, and what ended them."""

    all: tuple[Trial, ...]
    best: list[TrialResult]
    ended: Ended


@dataclass(frozen=True)
class Budget:
    """So many trials at most. None begins after so many seconds, but for those that each candidate is due once."""

    trials: int
    seconds: float

    @classmethod
    def of(cls, spec: ModelSpec, earlier: Search | None) -> Self:
        """The spec's; or as many trials as an earlier search had, however long they take, to find the same again."""
        return cls(len(earlier.trials), inf) if earlier else cls(spec.trials, spec.search_seconds)


@dataclass(frozen=True, eq=False)
class TrialRunner:
    """Runs trials. `rows` is how many the winner will be fitted on: it bounds what a forest may grow to."""

    spec: ModelSpec
    budget: Budget
    candidates: Mapping[str, Candidate]
    folds: Folds
    cores: Cores
    rows: int
    progress: Callable[[str], None]
    clock: Callable[[], float]

    def run(self) -> Trials:
        """Run every candidate with its own parameters, then what is suggested.

        Trial n depends on the trials before it alone, so a search that the time limit ended is repeated by running as
        many trials as it had. Within a trial, the first two folds decide whether the others are run.
        """
        suggestions = Suggestions(self.candidates, self.spec.seed)
        began = self.clock()
        trials: list[Trial] = []
        best: dict[str, TrialResult] = {}
        ended: Ended = "space"
        for suggestion in suggestions:
            ended = "trials" if len(trials) == self.budget.trials else ended
            due = len(trials) < len(self.candidates)
            ended = "time" if not due and self.clock() - began >= self.budget.seconds else ended
            if ended != "space":
                break
            tried = self._try(len(trials) + 1, suggestion, suggestions)
            trials.append(tried.trial)
            leader = best.get(suggestion.candidate)
            if not tried.trial.pruned and (leader is None or self._better(tried.trial, leader.trial)):
                best[suggestion.candidate] = tried
            self.progress(self._line(tried.trial))
        return Trials(tuple(trials), [best[name] for name in self.candidates if name in best], ended)

    def _try(self, number: int, suggestion: Suggestion, suggestions: Suggestions) -> TrialResult:
        began = self.clock()
        sign = self.folds.sign
        held = self._run(suggestion, range(FOLDS_BEFORE_PRUNING))
        pruned = suggestions.should_prune(sign * _mean(held))
        if not pruned:
            held += self._run(suggestion, range(FOLDS_BEFORE_PRUNING, len(self.folds)))
        suggestions.report(suggestion, sign * _mean(held), pruned=pruned)
        trial = Trial(
            number=number,
            candidate=suggestion.candidate,
            parameters=suggestion.parameters,
            folds=tuple(each.score for each in held),
            score=_mean(held),
            pruned=pruned,
            seconds=round(self.clock() - began, 3),
        )
        return TrialResult(trial, held)

    def _run(self, suggestion: Suggestion, folds: Sequence[int]) -> list[HeldOut]:
        return self.folds.run(
            [(fold, self.estimator(suggestion.candidate, suggestion.parameters)) for fold in folds], self.cores
        )

    def repeat(self, tried: TrialResult, folds: Folds) -> list[float]:
        """A trial's scores on other folds."""
        made = [(fold, self.estimator(tried.trial.candidate, tried.trial.parameters)) for fold in range(len(folds))]
        return [each.score for each in folds.run(made, self.cores)]

    def estimator(self, candidate: str, parameters: Mapping[str, Any]) -> Any:
        """A candidate's unfitted estimator with these parameters."""
        return make_estimator(self.candidates[candidate].estimator, parameters, self.spec.seed, self.rows)

    def _better(self, trial: Trial, other: Trial) -> bool:
        return self.folds.sign * (trial.score - other.score) > 0

    def _line(self, trial: Trial) -> str:
        chosen = (
            ", ".join(f"{name}={_short(value)}" for name, value in trial.parameters.items()) or "its own parameters"
        )
        fell = f", pruned after {len(trial.folds)} folds" if trial.pruned else ""
        score = f"{self.spec.metric} {trial.score:.4f}{fell}"
        return f"trial {trial.number} of at most {self.budget.trials}: {trial.candidate}, {chosen}: {score}"


def _mean(held: Sequence[HeldOut]) -> float:
    return sum(each.score for each in held) / len(held)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
