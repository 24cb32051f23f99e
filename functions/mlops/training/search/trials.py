"""The trials: one after another, until their number or the time is used up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Self

from mlops.contract import Contract
from mlops.errors.base import MlopsError
from mlops.errors.training import EstimatorFailed
from mlops.privacy import private_columns
from mlops.registry.manifest.search import Ended, Search, Trial
from mlops.spec import ModelSpec
from mlops.spec.search_space import Candidate
from mlops.training.search.cores import Cores
from mlops.training.search.estimators import make_estimator
from mlops.training.search.folds import Folds, HeldOut
from mlops.training.search.scores import NO_SCORES, FitFailed, FoldFit, Planned, Scored, Scores
from mlops.training.search.suggestions import Suggestion, Suggestions

FOLDS_BEFORE_PRUNING = 2
_MAX_FAILURE = 300  # characters of an estimator's message


@dataclass(frozen=True, eq=False)
class TrialResult:
    """A trial that ran in all folds, with what was answered in them, or the scores alone where it ran elsewhere."""

    trial: Trial
    held: Sequence[HeldOut | Scored]


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
    def of(cls, spec: ModelSpec, earlier: Search | None, seconds: float | None = None) -> Self:
        """The spec's, in no more than these seconds; or as many trials as an earlier search had, to find
        the same again however long they take."""
        most = spec.search_seconds if seconds is None else min(spec.search_seconds, seconds)
        return cls(len(earlier.trials), inf) if earlier else cls(spec.trials, most)


@dataclass(frozen=True, eq=False)
class TrialRunner:
    """Runs trials. `rows` is how many the winner will be fitted on: it bounds what a forest may grow to.

    What `scores` has isn't fitted again.
    """

    spec: ModelSpec
    budget: Budget
    candidates: Mapping[str, Candidate]
    folds: Folds
    cores: Cores
    rows: int
    progress: Callable[[str], None]
    clock: Callable[[], float]
    scores: Scores = NO_SCORES

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
            if tried.held and not tried.trial.pruned and (leader is None or self._better(tried.trial, leader.trial)):
                best[suggestion.candidate] = tried
            self.progress(f"{self._line(tried.trial)}{self._best(best.values())}")
        if not best:
            failures = "; ".join(dict.fromkeys(f"{trial.candidate}: {trial.failure}" for trial in trials))
            raise EstimatorFailed(f"no candidate can be fitted to this dataset: {failures}")
        return Trials(tuple(trials), [best[name] for name in self.candidates if name in best], ended)

    def _try(self, number: int, suggestion: Suggestion, suggestions: Suggestions) -> TrialResult:
        began = self.clock()
        try:
            return self._cross_validate(number, suggestion, suggestions, began)
        except FitFailed as error:
            failure = str(error)
        except (MlopsError, MemoryError, Planned):
            raise
        except Exception as error:  # noqa: BLE001 - Whatever an estimator raises ends its trial, and not the others.
            failure = describe_failure(error, self.spec.contract)
        suggestions.report(suggestion, None, pruned=False)
        trial = Trial(
            number=number,
            candidate=suggestion.candidate,
            parameters=suggestion.parameters,
            folds=(),
            score=None,
            pruned=False,
            seconds=round(self.clock() - began, 3),
            failure=failure,
        )
        return TrialResult(trial, [])

    def _cross_validate(
        self, number: int, suggestion: Suggestion, suggestions: Suggestions, began: float
    ) -> TrialResult:
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

    def _run(self, suggestion: Suggestion, folds: Sequence[int]) -> list[HeldOut | Scored]:
        return self._held(suggestion.candidate, suggestion.parameters, self.folds, folds)

    def _held(
        self, name: str, parameters: Mapping[str, Any], folds: Folds, numbers: Sequence[int]
    ) -> list[HeldOut | Scored]:
        known = self.scores.find([FoldFit(name, parameters, folds.repeat, number) for number in numbers])
        return [*(known if known is not None else self._fitted(name, parameters, folds, numbers))]

    def _fitted(self, name: str, parameters: Mapping[str, Any], folds: Folds, numbers: Sequence[int]) -> list[HeldOut]:
        return folds.run([(number, self.estimator(name, parameters)) for number in numbers], self.cores)

    def answers(self, tried: TrialResult) -> list[HeldOut]:
        """What was answered in the folds of a trial, which is run again if only its scores are at hand."""
        held = [each for each in tried.held if isinstance(each, HeldOut)]
        if len(held) == len(tried.held):
            return held
        return self._fitted(tried.trial.candidate, tried.trial.parameters, self.folds, range(len(tried.held)))

    def repeat(self, tried: TrialResult, folds: Folds) -> list[float]:
        """A trial's scores on other folds. Raises EstimatorFailed if it can't be fitted on one of them."""
        name, parameters = tried.trial.candidate, tried.trial.parameters
        try:
            held = self._held(name, parameters, folds, range(len(folds)))
        except FitFailed as error:
            raise EstimatorFailed(f"{name} can't be fitted on other folds: {error}") from None
        except (MlopsError, MemoryError, Planned):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an estimator raises has a name
            failure = describe_failure(error, self.spec.contract)
            raise EstimatorFailed(f"{name} can't be fitted on other folds: {failure}") from None
        return [each.score for each in held]

    def estimator(self, candidate: str, parameters: Mapping[str, Any]) -> Any:
        """A candidate's unfitted estimator with these parameters."""
        return make_estimator(self.candidates[candidate].estimator, parameters, self.spec.seed, self.rows)

    def _better(self, trial: Trial, other: Trial) -> bool:
        return self.folds.sign * (score_of(trial) - score_of(other)) > 0

    def _best(self, best: Iterable[TrialResult]) -> str:
        """The best trial so far."""
        leader = max((each.trial for each in best), key=lambda each: self.folds.sign * score_of(each), default=None)
        return f"; best so far: {leader.candidate}, {score_of(leader):.4f}" if leader else ""

    def _line(self, trial: Trial) -> str:
        chosen = (
            ", ".join(f"{name}={_short(value)}" for name, value in trial.parameters.items()) or "its own parameters"
        )
        if trial.failure:
            return f"trial {trial.number} of at most {self.budget.trials}: {trial.candidate}, {chosen}: {trial.failure}"
        fell = f", pruned after {len(trial.folds)} folds" if trial.pruned else ""
        score = f"{self.spec.metric} {score_of(trial):.4f}{fell}"
        return f"trial {trial.number} of at most {self.budget.trials}: {trial.candidate}, {chosen}: {score}"


def describe_failure(error: Exception, contract: Contract) -> str:
    """What an estimator raised, in a sentence; without its message where it may contain private values."""
    kind = type(error).__name__
    if private_columns(contract):
        return f"it failed with {kind}, whose message is withheld, since it may contain private values"
    text = " ".join(str(error).split())
    return f"it failed with {kind}: {text if len(text) <= _MAX_FAILURE else f'{text[:_MAX_FAILURE]}…'}"


def score_of(trial: Trial) -> float:
    """The score of a trial that didn't fail."""
    assert trial.score is not None, "a trial that failed has no score"
    return trial.score


def _mean(held: Sequence[HeldOut | Scored]) -> float:
    return sum(each.score for each in held) / len(held)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
