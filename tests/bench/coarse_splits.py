"""In tables of few values: does the split keep intervals and gates honest?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.coarse_splits [--tables 200]

Each table has the columns of the Titanic's passengers (class, sex, age with 40 % missing) with their dependence, and a
label whose chance in each cell is known. The model is the share of the label in each cell of the training rows, drawn
to that of all; so it's as good as it is known to be. Split by row is the factory's own split; by cell, all equal rows
are kept on one side, as it was done before.
"""

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlops.contract import Target
from mlops.data.row_digests import row_digests
from mlops.data.split import split
from mlops.evaluation.intervals import estimate
from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.evaluation.metrics.decisions import ACCURACY
from mlops.evaluation.metrics.probabilities import BRIER
from mlops.training.gates.calibration import gate_calibration

COLUMNS = ["class", "sex", "age"]
TARGET = Target(name="survived", task="binary", labels=("0", "1"), positive="1")
type Split = Callable[[pd.DataFrame, int], tuple[pd.DataFrame, pd.DataFrame]]


def draw(rows: int, random: np.random.Generator) -> pd.DataFrame:
    """Passengers, with the chance of survival of each."""
    grade = random.choice([1.0, 2.0, 3.0], rows, p=[0.25, 0.21, 0.54])
    sex = (random.random(rows) < np.where(grade == 3, 0.7, 0.58)).astype(float)
    age = np.clip(random.normal(40 - 5 * grade, 13, rows), 1, 75).round()
    age[random.random(rows) < np.where(grade == 3, 0.6, 0.25)] = np.nan
    logit = 2.4 - 2.5 * sex - 1.1 * (grade - 1) - 0.02 * (np.nan_to_num(age, nan=30) - 30)
    chance = 1 / (1 + np.exp(-logit))
    survived = np.where(random.random(rows) < chance, "1", "0")
    return pd.DataFrame({"class": grade, "sex": sex, "age": age, "survived": survived, "chance": chance})


def by_row(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    return split(table, TARGET, COLUMNS, 0.25, seed)


def by_cell(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    return split(table, TARGET, COLUMNS, 0.25, seed, groups=row_digests(table, COLUMNS))


def predict(train: pd.DataFrame, rows: pd.DataFrame) -> Floats:
    """The share of survivors by class, sex and decade, drawn to the share by class and sex."""

    def cells(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(decade=table["age"].floordiv(20).fillna(-1))

    train, rows = cells(train), cells(rows)
    truth = (train["survived"] == "1").astype(float)
    broad = truth.groupby([train["class"], train["sex"]]).mean()
    fine = truth.groupby([train["class"], train["sex"], train["decade"]]).agg(["sum", "count"])
    base = pd.MultiIndex.from_frame(rows[["class", "sex"]])
    prior = broad.reindex(base).fillna(truth.mean()).to_numpy()
    found = fine.reindex(pd.MultiIndex.from_frame(rows[["class", "sex", "decade"]])).fillna(0.0)
    chance: Floats = (found["sum"].to_numpy() + 10 * prior) / (found["count"].to_numpy() + 10)
    return chance


def to_answers(rows: pd.DataFrame, chance: Floats) -> ClassAnswers:
    truth = np.asarray(rows["survived"] == "1", dtype=np.intp)
    return ClassAnswers(truth, np.column_stack([1 - chance, chance]), TARGET.labels)


def judge(cut: Split, rows: int, number: int) -> dict[str, Any]:
    """One table's split: whether the intervals hold what the model is in truth, and whether the gate passes it."""
    random = np.random.default_rng([2026, rows, number])
    train, test = cut(draw(rows, random), number)
    answers = to_answers(test, predict(train, test))
    found = estimate(answers, [ACCURACY, BRIER], random, 500)
    others = draw(20_000, np.random.default_rng(1))
    true = to_answers(others, predict(train, others))
    sizes = test.groupby(COLUMNS, dropna=False).size()
    held = {}
    for metric in (ACCURACY, BRIER):
        interval = found[metric.name].interval
        held[metric.name] = interval is not None and interval.low <= metric.value(true) <= interval.high
    return {**held, "refused": not gate_calibration(answers, random).passed, "largest": sizes.max() / len(test)}


def main() -> None:
    """Print, for each way to split, how often intervals hold and the calibration gate refuses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--rows", type=int, nargs="+", default=[600, 1313, 4000])
    options = parser.parse_args()
    print(
        "split     rows  accuracy's interval  Brier's interval  calibration refuses  largest cell of the test (median)"
    )
    for rows in options.rows:
        for name, cut in (("by row", by_row), ("by cell", by_cell)):
            found = pd.DataFrame([judge(cut, rows, number) for number in range(options.tables)])
            print(
                f"{name:8} {rows:5}  {found['accuracy'].mean():19.1%}  {found['brier'].mean():16.1%}"
                f"  {found['refused'].mean():19.1%}  {found['largest'].median():.0%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
