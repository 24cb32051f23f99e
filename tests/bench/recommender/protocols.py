"""MovieLens 100K by published protocols: this project's training, its candidates alone, and `implicit`, in one run.

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.recommender.protocols [--seeds 5] [--resume] [PROTOCOL...]

*Known users*: a random quarter of each user's ratings is the test (the benchmark of Microsoft Recommenders; all count).
*Unseen users*: a tenth of the users are the test, of whose liked films (4 stars or more) a fifth is hidden (Liang et
al., WWW 2018); recall@k divides by k where a user has more relevant films, as there. *By time*: the latest fifth of all
ratings is the test. All hyperparameters are chosen inside the training part, by folds of users, or of time.

Each seed's figures are lines of `.localaws/bench/recommender/protocols.jsonl` as soon as they are known, first those of
this project, in the end those of `implicit`; `--resume` takes those of an interrupted run from there.
"""

import argparse
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import save_npz
from threadpoolctl import threadpool_limits

from mlops.recommend.candidates.popularity import trending
from mlops.recommend.evaluation.lists import Answers, answer, judge
from mlops.recommend.fit import fit
from mlops.recommend.holdout import hold_out, hold_out_for_search
from mlops.recommend.interactions import Interactions
from mlops.recommend.search import search
from mlops.recommend.split import Task
from mlops.spec.recommender import CANDIDATES, RecommenderSpec
from tests.bench.places import HOME, PEERS, make_environment
from tests.bench.recommender.movielens import load_movielens

type Metric = Callable[[Answers, Task], float]
type Metrics = dict[str, dict[str, float]]
type Measured = tuple[Answers, dict[str, Any]]
"""A model's answers, and what was chosen for it."""
CHOSEN, IMPLICIT = "chosen in training", "implicit 0.7.3 ALS"
RESULTS = HOME / "recommender" / "protocols.jsonl"


@dataclass(frozen=True)
class Protocol:
    """How data are split, by seed, and what's measured. Seeds make no difference where only the latest is the test."""

    title: str
    make: Callable[[int], tuple[Task, RecommenderSpec]]
    metrics: Mapping[str, Metric]
    has_seeds: bool = True


def main() -> None:
    """Print a table for each protocol: the mean over seeds, and the least and the greatest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocols", nargs="*", choices=[*PROTOCOLS, []], help="all of them if none is named")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--resume", action="store_true", help="take the figures that an earlier run wrote")
    options = parser.parse_args()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    if not options.resume:
        RESULTS.unlink(missing_ok=True)
    runs = [
        (name, seed)
        for name in options.protocols or PROTOCOLS
        for seed in range(options.seeds if PROTOCOLS[name].has_seeds else 1)
    ]
    found: dict[str, dict[int, Metrics]] = {}
    with threadpool_limits(limits=1):
        for measure in (_candidates, _implicit):
            for name, seed in runs:
                found.setdefault(name, {}).setdefault(seed, {}).update(_measure(measure, name, seed))
    for name, by_seed in found.items():
        _print_table(PROTOCOLS[name], [*by_seed.values()])


def _measure(measure: Callable[[Task, RecommenderSpec], dict[str, Measured]], name: str, seed: int) -> Metrics:
    """Each model's metrics, from the results' file if they are there, and written to it."""
    key = {"protocol": name, "seed": seed, "by": measure.__name__.strip("_")}
    written = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    for line in written:
        if all(line[part] == value for part, value in key.items()):
            known: Metrics = line["metrics"]
            return known
    protocol = PROTOCOLS[name]
    task, spec = protocol.make(seed)
    measured = measure(task, spec)
    metrics = {
        model: {metric: value(answers, task) for metric, value in protocol.metrics.items()}
        for model, (answers, _) in measured.items()
    }
    line = {**key, "metrics": metrics, "choices": {model: choice for model, (_, choice) in measured.items()}}
    with RESULTS.open("a") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)
    return metrics


def _known_users(seed: int) -> tuple[Task, RecommenderSpec]:
    return hold_out_ratings(load_movielens(), seed), _spec(seed, k=10)


def _unseen_users(seed: int) -> tuple[Task, RecommenderSpec]:
    spec = _spec(seed, k=100, test_share=0.1)
    return hold_out(_with_five(load_movielens(like_from=4.0)), spec), spec


def _by_time(seed: int) -> tuple[Task, RecommenderSpec]:
    spec = _spec(seed, k=10, split="time")
    return hold_out(load_movielens(), spec), spec


def hold_out_ratings(interactions: Interactions, seed: int) -> Task:
    """A random quarter of each user's ratings is held out; the others are learnt from and are the histories."""
    rng = np.random.default_rng([seed, 7])
    order = np.lexsort((rng.random(len(interactions)), interactions.user))
    counts = np.bincount(interactions.user)
    place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    known = np.zeros(len(order), dtype=np.bool_)
    known[order[place < np.repeat(np.round(0.75 * counts), counts)]] = True
    learnt = interactions.take(known)
    histories, relevant = learnt.histories(), interactions.take(~known).histories().matrix > 0
    return Task(learnt, np.arange(len(interactions.users)), histories, relevant, 0.0)


def _candidates(task: Task, spec: RecommenderSpec) -> dict[str, Measured]:
    """The answers of the winner, and of each candidate with its own best hyperparameters."""
    popular = trending(task.known, spec.half_life_days)
    found = search(hold_out_for_search(task.known, spec), spec, lambda _: None)
    measured: dict[str, Measured] = {}
    for name in CANDIDATES:
        trials = [trial for trial in found.search.trials if trial.candidate == name]
        best = max(trials, key=lambda trial: trial.score or 0)
        answers = answer(fit(name, best.parameters, task.known, spec)[0], popular, task, spec.k)
        measured[name] = answers, {"validated": best.score, **best.parameters}
    reason = {"candidate": found.candidate, "reason": found.search.reason}
    return {CHOSEN: (measured[found.candidate][0], reason), **measured}


def _implicit(task: Task, spec: RecommenderSpec) -> dict[str, Measured]:
    """Its lists and hyperparameters; users without a history, for whom it has no answer, get the popular items."""
    tasks, popular = hold_out_for_search(task.known, spec), trending(task.known, spec.half_life_days)
    python = make_environment("recommender", PEERS / "recommender.in") / "bin" / "python"
    folder = HOME / "recommender"
    for name, each in {"test": task, **{f"validation-{number}": each for number, each in enumerate(tasks)}}.items():
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        matrices = (each.known.histories().matrix, each.histories.matrix, each.relevant)
        for kind, matrix in zip(("known", "histories", "relevant"), matrices, strict=True):
            save_npz(place / f"{kind}.npz", matrix.astype(np.float32))
    (folder / "settings.json").write_text(json.dumps({"tasks": len(tasks), "k": spec.k, "seed": spec.seed}))
    command = [str(python), str(PEERS / "recommender_implicit.py"), str(folder), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": "", "OPENBLAS_NUM_THREADS": "1"})
    lists: NDArray[np.int64] = np.load(folder / "lists.npy").astype(np.int64)
    new = np.diff(task.histories.matrix.indptr) == 0
    lists[new] = popular[: spec.k]
    return {IMPLICIT: (judge(lists, task.relevant), json.loads((folder / "chosen.json").read_text()))}


def _spec(seed: int, k: int, split: Literal["time", "users"] = "users", test_share: float = 0.2) -> RecommenderSpec:
    return RecommenderSpec(
        name="movielens",
        events={"rating": 1.0},
        floors={},
        half_life_days=10_000.0,
        split=split,
        test_share=test_share,
        min_items=k + 1,
        k=k,
        seed=seed,
    )


def _with_five(interactions: Interactions) -> Interactions:
    """Only the users with five films or more, as in the protocol."""
    return interactions.take(np.bincount(interactions.user)[interactions.user] >= 5).compact()


def _mean(metric: str) -> Metric:
    return lambda answers, _: float(answers.score(metric).mean())


def _ndcg_with_history(answers: Answers, task: Task) -> float:
    known = np.flatnonzero(np.diff(task.histories.matrix.indptr))
    return float(answers.take(known).score("ndcg").mean())


def _capped_recall(k: int) -> Metric:
    def metric(answers: Answers, _: Task) -> float:
        counts = np.minimum(np.diff(answers.relevant.indptr), k)
        return float((answers.hits[:, :k].sum(axis=1) / counts).mean())

    return metric


def _print_table(protocol: Protocol, runs: list[Metrics]) -> None:
    print(f"\n| {protocol.title} | {' | '.join(protocol.metrics)} |\n|---|{'---|' * len(protocol.metrics)}")
    for model in runs[0]:
        cells = []
        for metric in protocol.metrics:
            values = [run[model][metric] for run in runs]
            spread = f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):.4f}{spread}")
        print(f"| {model} | {' | '.join(cells)} |", flush=True)


AT_TEN: Mapping[str, Metric] = {"NDCG@10": _mean("ndcg"), "recall@10": _mean("recall"), "MAP@10": _mean("map")}
PROTOCOLS = {
    "known-users": Protocol("Known users", _known_users, AT_TEN),
    "unseen-users": Protocol(
        "Unseen users",
        _unseen_users,
        {"NDCG@100": _mean("ndcg"), "recall@20": _capped_recall(20), "recall@50": _capped_recall(50)},
    ),
    "by-time": Protocol(
        "By time", _by_time, {**AT_TEN, "NDCG@10 of those with a history": _ndcg_with_history}, has_seeds=False
    ),
}


if __name__ == "__main__":
    main()
