"""Folds hold out what the test part holds out: rows, units, or what is later."""

from dataclasses import replace

import numpy as np
import pytest

from mlops.data.row_digests import TIME, UNIT
from mlops.errors.data import DatasetRejected
from mlops.training.search.final_fit import fit_calibrated
from mlops.training.search.partition import partition_rows, split_rows
from tests.unit.mlops.training.search.samples import LINEAR, make_rows, make_search_spec

SPEC = make_search_spec()
RANDOM = np.random.default_rng(0)


def test_each_row_is_held_out_once_and_repeats_hold_out_others() -> None:
    rows = make_rows()
    folds = split_rows(rows, SPEC)
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(200))
    other = split_rows(rows, SPEC, repeat=1)
    assert not all(np.array_equal(one[1], another[1]) for one, another in zip(folds, other, strict=True))


@pytest.mark.parametrize("units", [40, 150], ids=["few large ones", "many small ones"])
def test_units_are_held_out_whole_with_labels_spread_evenly(units: int) -> None:
    rows = make_rows(600).assign(**{UNIT: RANDOM.integers(0, units, 600)})
    share = (rows["kind"] == "long").mean()
    for seen, held in split_rows(rows, SPEC):
        assert not set(rows[UNIT].iloc[seen]) & set(rows[UNIT].iloc[held])
        assert 100 < len(held) < 200
        assert abs((rows["kind"].iloc[held] == "long").mean() - share) < 0.12


def test_no_fold_is_empty_though_one_label_has_few_units() -> None:
    rows = make_rows(70).assign(**{UNIT: np.repeat(np.arange(7), 10)})
    rows["kind"] = ["long"] * 40 + ["short"] * 30
    assert min(len(held) for _, held in split_rows(rows, replace(SPEC, folds=5))) >= 10


def test_by_time_what_is_held_out_is_later_than_what_was_seen() -> None:
    rows = make_rows(400).assign(**{TIME: np.sort(RANDOM.integers(0, 60, 400))})
    folds = split_rows(rows, SPEC)
    assert len(folds) == SPEC.folds
    for seen, held in folds:
        assert rows[TIME].iloc[seen].max() < rows[TIME].iloc[held].min()
    assert folds[-1][1][-1] == 399


def test_earliest_rows_without_a_label_are_refused_by_its_name() -> None:
    rows = make_rows(400).assign(**{TIME: np.arange(400)})
    rows.loc[:150, "kind"] = "short"
    with pytest.raises(DatasetRejected, match="have no long"):
        split_rows(rows, SPEC)


def test_too_few_times_for_folds_are_refused() -> None:
    rows = make_rows(400).assign(**{TIME: np.repeat([0, 1], 200)})
    with pytest.raises(DatasetRejected, match="2 different times"):
        split_rows(rows, SPEC)


@pytest.mark.parametrize("late", [0, 1, 20])
def test_a_single_time_is_too_few_for_folds_even_if_some_rows_are_later(late: int) -> None:
    rows = make_rows(400).assign(**{TIME: np.repeat([0, 1], [400 - late, late])})
    with pytest.raises(DatasetRejected, match="too few for folds by time; use a column with more of them"):
        split_rows(rows, SPEC)


def test_a_label_of_a_single_unit_is_refused_before_a_fold_is_fitted_without_it() -> None:
    rows = make_rows(200)
    alone = (rows["kind"] == "long").to_numpy()
    with pytest.raises(DatasetRejected, match=r"the training rows of long belong together.*or use fewer folds"):
        split_rows(rows.assign(**{UNIT: np.where(alone, 0, 1 + np.arange(200) % 40)}), SPEC)


@pytest.mark.parametrize("hidden", [UNIT, TIME])
def test_a_calibrated_fit_uses_the_same_parts_and_keeps_none_of_them(hidden: str) -> None:
    rows = make_rows(400).assign(**{hidden: np.arange(400) // 5})
    for _, held in partition_rows(rows, SPEC):
        assert len(set(rows[hidden].iloc[held])) <= 400 // 5 / SPEC.folds + 1
    fitted = fit_calibrated(LINEAR, rows, "sigmoid", SPEC)
    assert fitted.cv == SPEC.folds
    assert fitted.predict_proba(rows[["length", "width"]]).shape == (400, 2)
