"""What does somebody who may only ask for predictions learn of the model, after how many requests?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.extraction [--seeds 20]

The victims are a logistic regression and gradient boosting on scikit-learn's breast cancer table (30 columns), each
trained on a random half of the rows. The attacker knows what the contract says of the columns, and one row of each
label. Of the linear model they look for the boundary between both rows by halving, ask about rows around it, and solve
the least-squares problem of the answers' log-odds (of labels alone: a logistic regression). Of the trees they ask about
random mixes of columns and fit gradient boosting to the answers. What they have is compared with the victim on the rows
that neither has seen: the mean difference of the probability, the largest one, and how many labels are the same. Each
figure is the median over the seeds. A request with many rows counts as that many.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

type Floats = NDArray[np.float64]
type Chances = Callable[[Floats], Floats]

ALL, LABELS = 16, 0
DIGITS = (ALL, 4, 3, 2, 1, LABELS)
ROWS = (32, 44, 64, 256, 1024, 4096)
HALVINGS = 12
# How far around the boundary the attacker asks, in standard deviations of each column.
SPREAD = 0.3


@dataclass(frozen=True)
class World:
    """A victim, rows that it hasn't seen, and what the attacker knows: the columns' means and deviations, two rows."""

    victim: Chances
    unseen: Floats
    mean: Floats
    deviation: Floats
    known: tuple[Floats, Floats]


def make_world(seed: int, *, trees: bool) -> World:
    rng = np.random.default_rng(seed)
    table, truth = load_breast_cancer(return_X_y=True)
    order = rng.permutation(len(table))
    train, unseen = np.array_split(order, 2)
    model = HistGradientBoostingClassifier() if trees else make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(table[train], truth[train])
    known = [table[next(place for place in train if truth[place] == label)] for label in (0, 1)]
    columns = table[train]
    return World(
        lambda rows: model.predict_proba(rows)[:, 1],
        table[unseen],
        columns.mean(axis=0),
        columns.std(axis=0),
        (known[0], known[1]),
    )


def shown(chances: Floats, digits: int) -> Floats:
    """The answers with so many decimals; labels alone are answers with none."""
    return chances if digits == ALL else np.round(chances, digits)


def attack_linear(world: World, digits: int, rows: int, rng: np.random.Generator) -> Chances:
    low, high = world.known
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if shown(world.victim(middle[None]), digits)[0] > 0.5:
            high = middle
        else:
            low = middle
    steps = SPREAD * rng.normal(size=(rows - HALVINGS, len(low)))
    answers = shown(world.victim(low + steps * world.deviation), digits)

    def scaled(found: Floats) -> Floats:
        return (found - low) / world.deviation

    if digits == LABELS:
        model = LogisticRegression(C=1e4, max_iter=5000)
        if len(set(answers)) == 1:
            return lambda found: np.full(len(found), answers[0])
        model.fit(steps, answers > 0.5)
        return lambda found: model.predict_proba(scaled(found))[:, 1]
    # An answer of 0 or 1 says nothing about the log-odds.
    useful = (answers > 0) & (answers < 1)
    chances = answers[useful]
    odds = np.log(chances / (1 - chances))
    # Rounding moves the log-odds by as much as 1 / (p (1 - p)), so it's trusted as much less.
    trust = chances * (1 - chances)
    design = np.column_stack([np.ones(len(odds)), steps[useful]])
    weights = np.linalg.lstsq(design * trust[:, None], odds * trust, rcond=None)[0]
    return lambda found: 1 / (1 + np.exp(-np.clip(weights[0] + scaled(found) @ weights[1:], -700, 700)))


def attack_trees(world: World, digits: int, rows: int, rng: np.random.Generator) -> Chances:
    share = rng.random((rows, 1))
    middle = share * world.known[0] + (1 - share) * world.known[1]
    asked = np.maximum(0, middle + world.deviation * rng.normal(size=middle.shape))
    answers = shown(world.victim(asked), digits)
    model = HistGradientBoostingRegressor(min_samples_leaf=5).fit(asked, answers)
    return lambda found: np.clip(model.predict(found), 0, 1)


def compare(world: World, copy: Chances) -> tuple[float, float, float]:
    """The mean and the largest difference of the probability on unseen rows, and the share of equal labels."""
    real, found = world.victim(world.unseen), copy(world.unseen)
    off = np.abs(real - found)
    return float(off.mean()), float(off.max()), float(((real > 0.5) == (found > 0.5)).mean())


def measure(seeds: int) -> Iterator[str]:
    attacks = (("linear", attack_linear), ("trees", attack_trees))
    for name, attack in attacks:
        worlds = [make_world(seed, trees=name == "trees") for seed in range(seeds)]
        yield f"\n{name}\n| decimals | {' | '.join(f'{rows:,} rows' for rows in ROWS)} |\n|{'---|' * (len(ROWS) + 1)}"
        for digits in DIGITS:
            cells = []
            for rows in ROWS:
                results = [
                    compare(world, attack(world, digits, rows, np.random.default_rng(1000 + seed)))
                    for seed, world in enumerate(worlds)
                ]
                mean, most, same = (statistics.median(each) for each in zip(*results, strict=True))
                cells.append(f"{mean:.1g} ({most:.1g}), {same:.1%}")
            label = {ALL: "all", LABELS: "labels alone"}.get(digits, str(digits))
            yield f"| {label} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    for line in measure(parser.parse_args().seeds):
        print(line)


if __name__ == "__main__":
    main()
