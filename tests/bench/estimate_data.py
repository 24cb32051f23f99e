"""The data sets that NannyML's wheel ships, as references and streams. None of them is kept in this repository."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import ClassAnswers, Floats, ValueAnswers

CARDS = ("prepaid_card", "highstreet_card", "upmarket_card")
_TIMES = {"id", "timestamp", "year", "period"}


@dataclass(frozen=True, eq=False)
class Stream:
    """A data set: its held-out rows with truth, and the rows in production, in the order of time."""

    name: str
    reference: AnsweredRows
    production: AnsweredRows


@dataclass(frozen=True)
class _Binary:
    name: str
    files: tuple[str, str, str]
    chance: str
    truth: str
    answer: str
    threshold: float


# The thresholds follow from the answers that the data sets hold, which `read_streams` checks.
_BINARY = (
    _Binary(
        "employment",
        ("employment_MA_reference.pq", "employment_MA_analysis.pq", "employment_MA_analysis_target.pq"),
        "predicted_probability",
        "employed",
        "prediction",
        0.5,
    ),
    _Binary(
        "car_loan",
        (
            "synthetic_car_loan_reference.csv",
            "synthetic_car_loan_analysis.csv",
            "synthetic_car_loan_analysis_target.csv",
        ),
        "y_pred_proba",
        "repaid",
        "y_pred",
        0.65,
    ),
    _Binary(
        "housing",
        (
            "california_housing_reference.csv",
            "california_housing_analysis.csv",
            "california_housing_analysis_gt.csv",
        ),
        "y_pred_proba",
        "clf_target",
        "y_pred",
        0.8,
    ),
)


def read_streams(folder: Path) -> Iterator[Stream]:
    """Each data set of a folder `nannyml/datasets/data`."""
    for each in _BINARY:
        before, after = _read(folder, each.files)
        inputs = [name for name in map(str, before) if name not in _TIMES | {each.chance, each.truth, each.answer}]
        sides = [_binary(side, each, _numbers(before, side, inputs)) for side in (before, after)]
        yield Stream(each.name, *sides)
    before, after = _read(folder, ("mc_reference.csv", "mc_analysis.csv", "mc_analysis_gt.csv"))
    inputs = [name for name in map(str, before) if name not in _TIMES | {"y_true"} and not name.startswith("y_pred")]
    yield Stream("credit_card", *(_cards(side, _numbers(before, side, inputs)) for side in (before, after)))
    names = ("regression_synthetic_reference.csv", "regression_synthetic_analysis.csv")
    before, after = _read(folder, (*names, "regression_synthetic_analysis_targets.csv"))
    inputs = [name for name in map(str, before) if name not in _TIMES | {"y_true", "y_pred"}]
    yield Stream("car_price", *(_prices(side, _numbers(before, side, inputs)) for side in (before, after)))


def _read(folder: Path, names: tuple[str, str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    frames = [pd.read_parquet(folder / name) if name.endswith(".pq") else pd.read_csv(folder / name) for name in names]
    return frames[0], frames[1].merge(frames[2], on="id", validate="one_to_one")


def _numbers(before: pd.DataFrame, rows: pd.DataFrame, names: list[str]) -> Floats:
    """The inputs as numbers; a text is its place among the reference's texts, NaN if it isn't there."""
    columns = []
    for name in names:
        values = rows[name]
        if before[name].dtype.kind not in "ifb":
            places = {text: place for place, text in enumerate(sorted(before[name].dropna().astype(str).unique()))}
            values = values.astype(str).map(places)
        columns.append(values.to_numpy(np.float64))
    return np.column_stack(columns)


def _binary(rows: pd.DataFrame, each: _Binary, inputs: Floats) -> AnsweredRows:
    chance = rows[each.chance].to_numpy(np.float64)
    answers = ClassAnswers(
        rows[each.truth].to_numpy(np.intp), np.column_stack([1 - chance, chance]), ("0", "1"), 1, each.threshold
    )
    if (answers.decided != rows[each.answer].to_numpy(np.intp)).any():
        raise ValueError(f"{each.name}: {each.threshold} isn't the threshold of the answers in the data")
    return AnsweredRows(answers, inputs, ordered=True)


def _cards(rows: pd.DataFrame, inputs: Floats) -> AnsweredRows:
    chances = rows[[f"y_pred_proba_{card}" for card in CARDS]].to_numpy(np.float64)
    truth = np.array([CARDS.index(card) for card in rows["y_true"]], dtype=np.intp)
    return AnsweredRows(ClassAnswers(truth, chances / chances.sum(axis=1, keepdims=True), CARDS), inputs, ordered=True)


def _prices(rows: pd.DataFrame, inputs: Floats) -> AnsweredRows:
    answers = ValueAnswers(rows["y_true"].to_numpy(np.float64), rows["y_pred"].to_numpy(np.float64))
    return AnsweredRows(answers, inputs, ordered=True)
