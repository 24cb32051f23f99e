"""What to try next: each candidate as the spec has it, then parameters that Optuna suggests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops.spec.search_space import Between, Candidate

if TYPE_CHECKING:
    import optuna

CANDIDATE = "candidate"
LEAST_BEFORE_PRUNING = 4  # whole trials
REPETITIONS = 20  # suggestions in a row that were tried before, after which nothing is left to try


@dataclass(frozen=True)
class Suggestion:
    """A candidate with the parameters to try, {} for its own."""

    candidate: str
    parameters: dict[str, Any]


class Suggestions:
    """Suggests trials one after another, and learns from how they went; the same scores make the same suggestions.

    Optuna's Tree-structured Parzen Estimator (Bergstra et al., "Algorithms for hyper-parameter optimization", 2011)
    chooses among all candidates with a search space, and prunes by the median rule (Golovin et al., "Google Vizier",
    2017). It is imported only where there's something to search. Of scores, more is better.
    """

    def __init__(self, candidates: Mapping[str, Candidate], seed: int) -> None:
        self._candidates = candidates
        self._searched = [name for name, candidate in candidates.items() if candidate.search]
        self._study = _make_study(seed, max(LEAST_BEFORE_PRUNING, len(candidates))) if self._searched else None
        self._trial: optuna.Trial | None = None
        self._tried: dict[str, float | None] = {}

    def __iter__(self) -> Iterator[Suggestion]:
        """Call `report` for each before taking the next; ends when nothing new is left to try."""
        for name in self._candidates:
            self._trial = self._study.ask() if self._study else None
            yield Suggestion(name, {})
        while self._study and (suggestion := self._next(self._study)):
            yield suggestion

    def should_prune(self, score: float) -> bool:
        """Whether the trial under way is hopeless: its score so far is below the median of what others had by then."""
        if self._trial is None:
            return False
        self._trial.report(score, step=0)
        return self._trial.should_prune()

    def report(self, suggestion: Suggestion, score: float | None, *, pruned: bool) -> None:
        """How the trial went; without a score it failed."""
        self._tried[self._key(suggestion)] = score
        if self._study and self._trial:
            self._tell(self._study, self._trial, None if pruned else score, pruned=pruned)

    def _tell(self, study: "optuna.Study", trial: "optuna.Trial", score: float | None, *, pruned: bool = False) -> None:
        from optuna.trial import TrialState

        if score is not None:
            study.tell(trial, score)
        else:
            study.tell(trial, None, TrialState.PRUNED if pruned else TrialState.FAIL)

    def _next(self, study: "optuna.Study") -> Suggestion | None:
        for _ in range(REPETITIONS):
            self._trial = study.ask()
            suggestion = self._suggest(self._trial)
            key = self._key(suggestion)
            if key not in self._tried:
                return suggestion
            self._tell(study, self._trial, self._tried[key])
        return None

    def _suggest(self, trial: "optuna.Trial") -> Suggestion:
        name = trial.suggest_categorical(CANDIDATE, self._searched)
        space = self._candidates[name].search
        chosen = {parameter: _suggest_one(trial, f"{name}.{parameter}", of) for parameter, of in space.items()}
        return Suggestion(name, chosen)

    def _key(self, suggestion: Suggestion) -> str:
        candidate = self._candidates[suggestion.candidate]
        own = candidate.estimator.get_params()
        values = {parameter: suggestion.parameters.get(parameter, own[parameter]) for parameter in candidate.search}
        return repr((suggestion.candidate, values))


def _suggest_one(trial: "optuna.Trial", name: str, values: Between | tuple[Any, ...]) -> Any:
    if not isinstance(values, Between):
        return trial.suggest_categorical(name, values)
    if values.whole:
        return trial.suggest_int(name, int(values.low), int(values.high), log=values.log)
    return trial.suggest_float(name, values.low, values.high, log=values.log)


def _make_study(seed: int, whole_trials: int) -> "optuna.Study":
    import optuna

    # The training reports its trials itself.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=whole_trials),
        direction="maximize",
    )
