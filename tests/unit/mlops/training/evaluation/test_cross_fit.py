"""Procedures are repeated on several sets of folds, and answer each row with models that weren't fitted on it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from mlops.contract import Column, Target
from mlops.data.row_digests import TIME, UNIT
from mlops.evaluation.metrics.answers import ValueAnswers
from mlops.spec import ModelSpec
from mlops.training.evaluation import cross_fit
from mlops.training.evaluation.cross_fit import answer_folds, count_repeats, find_lacking, rows_of_folds
from mlops.training.evaluation.procedure import Procedure


class Remembering(BaseEstimator):  # type: ignore[misc]
    """Answers a row with how many rows it was fitted on, and minus that if the row was one of them."""

    def fit(self, rows: pd.DataFrame, truth: Any) -> "Remembering":
        self.seen_ = set(rows["x"])
        return self

    def predict(self, rows: pd.DataFrame) -> Any:
        return np.array([len(self.seen_) * (-1.0 if each in self.seen_ else 1.0) for each in rows["x"]])


SPEC = ModelSpec(
    name="bench",
    target=Target(name="y", task="regression"),
    columns=(Column(name="x"),),
    candidates={"only": Remembering()},
    metric="rmse",
    floors={},
)
PROCEDURE = Procedure(Remembering(), None, None)


def make_rows(count: int) -> pd.DataFrame:
    return pd.DataFrame({"x": np.arange(count, dtype=np.float64), "y": np.arange(count) / 7})


def answer(train: pd.DataFrame, known: Any = None) -> list[ValueAnswers]:
    everything = np.ones(len(train), dtype=np.bool_)
    known = everything if known is None else known
    found = answer_folds(PROCEDURE, train, known, SPEC, count_repeats(train))
    assert all(isinstance(each, ValueAnswers) for each in found)
    return [each for each in found if isinstance(each, ValueAnswers)]


def test_each_repeat_answers_every_row_in_its_order_by_models_that_do_not_know_it() -> None:
    train = make_rows(101)
    found = answer(train)
    assert len(found) == 4
    for repeat in found:
        assert repeat.truth.tolist() == train["y"].tolist()
        assert set(repeat.predictions) == {80.0, 81.0}
    assert rows_of_folds(train, SPEC).tolist() == list(range(101))


def test_repeats_have_other_folds() -> None:
    held = {tuple(each.predictions) for each in answer(make_rows(101))}
    assert len(held) == 4


def test_rows_that_a_procedure_may_not_know_are_not_fitted_on() -> None:
    train = make_rows(100)
    for repeat in answer(train, known=train["x"].to_numpy() < 50):
        assert (repeat.predictions > 0).all()
        assert repeat.predictions.max() <= 50
        assert repeat.predictions.mean() == pytest.approx(40, abs=1)


@pytest.mark.parametrize(("seconds", "repeats"), [(None, 4), (1_000.0, 4), (9.5, 3), (6.0, 2), (0.0, 1)])
def test_rows_are_repeated_as_often_as_the_time_allows(seconds: float | None, repeats: int) -> None:
    clock = iter(range(10))
    train = make_rows(50)
    everything = np.ones(50, dtype=np.bool_)
    found = answer_folds(PROCEDURE, train, everything, SPEC, 4, seconds, lambda: float(next(clock)))
    assert len(found) == repeats


def test_large_tables_are_repeated_less_often() -> None:
    assert [count_repeats(make_rows(count)) for count in (100, 4_000, 4_001, 10_000, 10_001)] == [4, 4, 2, 2, 1]


def test_a_split_by_time_has_one_set_of_folds_and_leaves_out_the_earliest_rows() -> None:
    train = make_rows(60).assign(**{TIME: np.arange(60)})
    assert count_repeats(train) == 1
    found = answer(train)
    rows = rows_of_folds(train, SPEC)
    assert len(found) == 1
    assert rows.tolist() == list(range(10, 60))
    assert found[0].truth.tolist() == train["y"].iloc[rows].tolist()


def test_rows_of_a_unit_are_held_out_together_in_each_repeat() -> None:
    train = make_rows(60).assign(**{UNIT: np.arange(60) // 3})
    for repeat in answer(train):
        assert repeat.units is not None
        by_unit = pd.Series(repeat.predictions).groupby(repeat.units).nunique()
        assert (by_unit == 1).all()


def test_a_label_that_is_lacking_in_a_fold_of_any_repeat_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.where(np.arange(40) < 10, "rare", "common")
    train = make_rows(40).assign(y=labels)
    spec = ModelSpec(
        name="bench",
        target=Target(name="y", task="binary", labels=("rare", "common")),
        columns=(Column(name="x"),),
        candidates={"only": Remembering()},
        metric="log_loss",
        floors={},
    )
    everything = np.ones(40, dtype=np.bool_)
    assert find_lacking(train, everything, spec) is None
    known = everything.copy()
    known[1:10] = False
    assert find_lacking(train, known, spec) == "rare"
    monkeypatch.setattr(cross_fit, "REPEATS", ())
    assert count_repeats(train) == 1
