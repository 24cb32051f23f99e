"""What the champion gate promotes, by what candidates are in truth: trained for real, and told on 20,000 other rows.

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.champion_gate [--repeats 40] [--streams 10]

Each retraining has a champion, trained on so many rows, and candidates trained on 20 % more: by the same procedure, and
by procedures that are made worse by flipping a share of the labels that they learn from (adding noise to the values).
The comparison and the gate are the factory's own: fresh rows, both procedures repeated on folds, the best version. What
a candidate is in truth is measured on 20,000 rows that nothing else uses.

In a stream a team retrains each month on 5 % more rows, with the same procedure. In a decline, each month's candidate
is a quarter of a margin worse than the champion; there the models are simulated answers of known quality.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from mlops.contract import Column, Target
from mlops.data.row_digests import dump_digests, known_rows, load_digests
from mlops.data.split import split
from mlops.evaluation.closed_form import wilson
from mlops.evaluation.gates.champion import gate_champion
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, make_answers
from mlops.evaluation.metrics.catalog import absolute_margin, find_metric
from mlops.registry.manifest.evidence import Comparison
from mlops.spec import ModelSpec
from mlops.training.compile.estimator import predict
from mlops.training.evaluation.champion_comparison import compare_answers, compare_pairs
from mlops.training.evaluation.cross_fit import answer_folds, count_repeats, join
from mlops.training.evaluation.paired_comparison import Differences
from mlops.training.evaluation.procedure import Procedure

COLUMNS = tuple(f"x{number}" for number in range(8))
TRUE_ROWS = 20_000
SEED = 2026


class Worse(BaseEstimator):  # type: ignore[misc]
    """An estimator that learns from truths of which a share is flipped, or that have noise added."""

    def __init__(self, base: Any = None, share: float = 0.0) -> None:
        self.base = base
        self.share = share

    def fit(self, rows: pd.DataFrame, truth: Any) -> "Worse":
        random = np.random.default_rng(len(truth))
        learnt = np.array(truth)
        if learnt.dtype.kind == "f":
            learnt = learnt + random.normal(0, self.share * learnt.std(), len(learnt))
        else:
            flipped = random.random(len(learnt)) < self.share
            learnt[flipped] = np.where(learnt[flipped] == "yes", "no", "yes")
        self.fitted_ = clone(self.base).fit(rows, learnt)
        if hasattr(self.fitted_, "classes_"):
            self.classes_ = self.fitted_.classes_
        return self

    def predict(self, rows: pd.DataFrame) -> Any:
        return self.fitted_.predict(rows)

    def predict_proba(self, rows: pd.DataFrame) -> Any:
        return self.fitted_.predict_proba(rows)


@dataclass(frozen=True)
class World:
    """A question, the estimator that answers it, and the metric."""

    name: str
    estimator: Any
    metric: str
    shares: tuple[float, ...]
    is_regression: bool = False

    @property
    def spec(self) -> ModelSpec:
        target = (
            Target(name="y", task="regression")
            if self.is_regression
            else Target(name="y", task="binary", labels=("no", "yes"))
        )
        columns = tuple(Column(name=name) for name in COLUMNS)
        candidates = {"only": self.estimator}
        return ModelSpec(
            name="bench", target=target, columns=columns, candidates=candidates, metric=self.metric, floors={}
        )

    def draw(self, rows: int, random: np.random.Generator) -> pd.DataFrame:
        x = random.normal(size=(rows, len(COLUMNS)))
        score = 1.2 * x[:, 0] + 0.8 * x[:, 1] * x[:, 2] + np.abs(x[:, 3]) - 0.8 + 0.5 * np.sin(2 * x[:, 4])
        table = pd.DataFrame(x, columns=list(COLUMNS))
        if self.is_regression:
            return table.assign(y=2 * score + 2 * random.normal(size=rows))
        return table.assign(y=np.where(random.random(rows) < 1 / (1 + np.exp(-1.2 * score)), "yes", "no"))


WORLDS = {
    "boosting": World("boosting", HistGradientBoostingClassifier(max_iter=50), "roc_auc", (0.0, 0.1)),
    "linear": World("linear", LogisticRegression(), "log_loss", (0.0, 0.1, 0.13, 0.25)),
    "values": World("values", HistGradientBoostingRegressor(max_iter=50), "rmse", (0.0, 0.4), True),
}


class Trained:
    """A model with the rows that it knows."""

    def __init__(self, world: World, table: pd.DataFrame, share: float = 0.0) -> None:
        self.world, self.spec = world, world.spec
        self.train, self.test = split(table, self.spec.target, COLUMNS, 0.25, 0)
        estimator = Worse(world.estimator, share) if share else world.estimator
        self.procedure = Procedure(estimator, None, None)
        self.model = clone(estimator).fit(self.train[list(COLUMNS)], self.train["y"])
        self.trained = load_digests(dump_digests(self.train, COLUMNS))

    def answer(self, rows: pd.DataFrame) -> Answers:
        return make_answers(predict(self.model, rows, self.spec.contract), rows, self.spec.contract)

    def compare(self, other: "Trained", repeated: dict[int, tuple[Answers, ...]]) -> Differences:
        """The factory's comparison of this candidate with another model; `repeated` holds the other's answers."""
        fresh = self.test[~known_rows(self.test, COLUMNS, other.trained)]
        everything, repeats = np.ones(len(self.train), dtype=np.bool_), count_repeats(self.train)
        if id(other) not in repeated:
            known = known_rows(self.train, COLUMNS, other.trained)
            repeated[id(other)] = answer_folds(other.procedure, self.train, known, self.spec, repeats)
        own = answer_folds(self.procedure, self.train, everything, self.spec, repeats)
        first = self.answer(fresh), other.answer(fresh)
        pairs = [
            (join([first[0], mine]), join([first[1], theirs]))
            for mine, theirs in zip(own, repeated[id(other)], strict=True)
        ]
        return compare_pairs(pairs, len(self.train), self.spec)


def passes(found: Differences, with_best: Differences | None = None) -> bool:
    """Whether the gate lets the candidate through."""

    def comparison(differences: Differences) -> Comparison:
        return Comparison(version=1, rows=differences.overall.rows, overall=differences.overall)

    best = comparison(with_best) if with_best else None
    return all(gate.passed for gate in gate_champion(comparison(found), best))


def retrain(world: World, rows: int, growth: float, repeats: int) -> pd.DataFrame:
    """Each candidate's true gain in margins, and whether it was promoted."""
    metric: Any = find_metric(world.metric, world.spec.target.task)
    others = world.draw(TRUE_ROWS, np.random.default_rng(SEED))
    found = []
    for number in range(repeats):
        table = world.draw(round(rows * (1 + growth)), np.random.default_rng([SEED, rows, number]))
        champion = Trained(world, table.head(rows))
        value = metric.value(champion.answer(others))
        margin = absolute_margin(world.metric, world.spec.margin, value)
        repeated: dict[int, tuple[Answers, ...]] = {}
        for share in world.shares:
            candidate = Trained(world, table, share)
            gain = metric.sign * (metric.value(candidate.answer(others)) - value) / margin
            found.append((share, gain, passes(candidate.compare(champion, repeated))))
    return pd.DataFrame(found, columns=["share", "gain", "promoted"])


type Group = tuple[str, Callable[[pd.DataFrame], pd.DataFrame]]
GROUPS: tuple[Group, ...] = (
    ("truly better, same procedure", lambda found: found[(found["share"] == 0) & (found["gain"] > 0)]),
    ("worse by 1 to 2 margins", lambda found: found[found["gain"].between(-2, -1)]),
    ("worse by more than 2 margins", lambda found: found[found["gain"] < -2]),
)


def stream(world: World, rows: int, seed: int, months: int = 12, growth: float = 0.05) -> tuple[int, int]:
    """How many of the monthly retrainings were promoted, and how many candidates were truly better."""
    metric: Any = find_metric(world.metric, world.spec.target.task)
    others = world.draw(TRUE_ROWS, np.random.default_rng(SEED))
    table = world.draw(round(rows * (1 + growth) ** months) + 1, np.random.default_rng([SEED, rows, 7, seed]))
    champion = best = Trained(world, table.head(rows))
    promoted = better = 0
    for month in range(1, months + 1):
        candidate = Trained(world, table.head(round(rows * (1 + growth) ** month)))
        gain = metric.sign * (metric.value(candidate.answer(others)) - metric.value(champion.answer(others)))
        better += gain > 0
        repeated: dict[int, tuple[Answers, ...]] = {}
        found = candidate.compare(champion, repeated)
        with_best = candidate.compare(best, repeated) if best is not champion else None
        if passes(found, with_best):
            champion = candidate
            promoted += 1
            if (with_best or found).overall.verdict == "better":
                best = candidate
    return promoted, better


@dataclass(frozen=True)
class Decline:
    """A stream of candidates that are each a quarter of a margin worse than the champion, on simulated answers."""

    rows: int
    memory: bool
    step: float = 0.25
    margin: float = 0.01

    def run(self, seed: int, months: int = 24) -> float:
        """The loss after so many months, in margins of log loss."""
        noises, losses = _losses_by_noise()
        first = losses[0]
        now = best = 0.0
        for month in range(months):
            rng = np.random.default_rng([SEED, seed, month])
            wanted = now + self.step * self.margin
            levels = [float(np.interp(first + each, losses, noises)) for each in (wanted, now, best)]
            candidate, champion, standard = _draw(levels, self.rows, rng)
            found = compare_answers("log_loss", candidate, champion, self.margin, rng)
            with_best = compare_answers("log_loss", candidate, standard, self.margin, rng) if self.memory else None
            if passes(found, with_best):
                now = wanted
                if (with_best or found).overall.verdict == "better":
                    best = now
        return now / self.margin


def _draw(noises: list[float], rows: int, rng: np.random.Generator) -> list[ClassAnswers]:
    """Answers to the same rows by models that see the logit through more and more of the same noise."""
    logit = rng.normal(0, 3.0, rows)
    truth = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.intp)
    shared, own = rng.normal(size=(2, rows))
    return [
        ClassAnswers(truth, _both(1 / (1 + np.exp(-(logit + 0.8 * shared + noise * own)))), ("no", "yes"))
        for noise in noises
    ]


def _both(chance: Floats) -> Floats:
    return np.column_stack([1 - chance, chance])


@cache
def _losses_by_noise() -> tuple[Floats, Floats]:
    """Noises, and the log loss of answers with each, which grows with it."""
    noises = np.linspace(0.6, 3.0, 100)
    metric: Any = find_metric("log_loss", "binary")
    found = _draw(noises.tolist(), 40_000, np.random.default_rng(0))
    return noises, np.maximum.accumulate([metric.value(answers) for answers in found])


def main() -> None:
    """Print what was promoted of which candidates, of monthly retrainings, and in declines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", nargs="+", default=["linear", "boosting", "values"], choices=WORLDS)
    parser.add_argument("--rows", nargs="*", type=int, default=[500, 2000])
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--declines", type=int, default=10)
    options = parser.parse_args()
    for name in options.worlds:
        for rows in options.rows:
            found = retrain(WORLDS[name], rows, 0.2, options.repeats)
            for group, choose in GROUPS:
                print(f"{name:9} {rows:5} rows +20 %  {group:30} {_share(choose(found)['promoted'])}", flush=True)
    for name in options.worlds:
        results = np.array([stream(WORLDS[name], 2000, seed) for seed in range(options.streams)])
        if len(results):
            (promoted, better), error = results.mean(axis=0), results[:, 0].std(ddof=1) / np.sqrt(len(results))
            print(
                f"{name:9} 2000 rows, 12 months of +5 %, {len(results)} streams: promoted {promoted:.1f} ± {error:.1f} "
                f"(least {results[:, 0].min()}), truly better {better:.1f}",
                flush=True,
            )
    for memory in (False, True):
        losses = [Decline(1500, memory).run(seed) for seed in range(options.declines)]
        if losses:
            how = "with the best version" if memory else "with the champion alone"
            print(
                f"24 months of decline, {len(losses)} streams, compared {how}: lost {np.mean(losses):.2f} margins, "
                f"at most {max(losses):.2f}",
                flush=True,
            )


def _share(promoted: "pd.Series[bool]") -> str:
    """How many were promoted, and Wilson's interval of their share."""
    if promoted.empty:
        return "none"
    found = wilson(float(promoted.mean()), len(promoted))
    return (
        f"{promoted.sum():3} of {len(promoted):3} promoted, {promoted.mean():.0%} ({found.low:.0%} to {found.high:.0%})"
    )


if __name__ == "__main__":
    main()
