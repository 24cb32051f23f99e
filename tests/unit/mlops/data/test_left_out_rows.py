"""A row that is left out changes nothing for the others: each keeps its own key, group, time and place."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.data.keys import read_keys
from mlops.data.load import TrainingData, load_dataset
from mlops.data.read_csv import read_csv
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import HEADER, make_csv, make_lines, make_spec

NAME = "s3://data/datasets/leaves/a.csv"
TREE = "leaf,plant,picked"
GOOD = [f"leaf-{row},plant {row % 20},2026-01-{1 + row % 28:02},{line}" for row, line in enumerate(make_lines(62))]
LINES = [*GOOD[:60], GOOD[60].replace("leaf-60", "leaf-3"), GOOD[61].replace("leaf-61", "")]
"""Sixty good lines, one with the key of another, and one without a key."""
LEFT_OUT = {
    "unlabelled": "leaf-3,plant 3,2026-01-04,20,20,",
    "broken": "leaf-3,plant 3,2026-01-04,wide,20,long",
    "broken and unlabelled": ",,,wide,,",
}
SPECS: dict[str, dict[str, object]] = {
    "rows": {"ignored": ("leaf", "plant", "picked")},
    "key": {"key": ("leaf",), "ignored": ("plant", "picked")},
    "group": {"key": ("leaf",), "group": ("plant",), "ignored": ("picked",), "folds": 2},
    "time": {"key": ("leaf",), "split": "time", "time": "picked", "ignored": ("plant",)},
}
EXAMPLES = 25


@dataclass(frozen=True)
class Mixture:
    """LINES among others; `places` are where they are, and `broken` those of others that break the contract."""

    lines: list[str]
    places: list[int]
    broken: list[int]


@st.composite
def mixtures(draw: st.DrawFn) -> Mixture:
    others = draw(st.lists(st.tuples(st.integers(0, len(LINES)), st.sampled_from([*LEFT_OUT])), min_size=1, max_size=8))
    marked: list[tuple[str, str]] = []
    for place, line in enumerate([*LINES, ""]):
        marked += [(kind, LEFT_OUT[kind]) for before, kind in others if before == place]
        marked += [("own", line)] if line else []
    kinds = np.array([kind for kind, _ in marked])
    return Mixture(
        [line for _, line in marked], *(np.flatnonzero(kinds == kind).tolist() for kind in ("own", "broken"))
    )


def load(lines: list[str], spec: ModelSpec) -> TrainingData:
    return load_dataset(make_csv(lines, f"{TREE},{HEADER}"), NAME, spec)


def rows_of(part: pd.DataFrame, places: list[int]) -> list[tuple[object, ...]]:
    """Each row's place among LINES and its cells, with what it was split by."""
    return [(places.index(place), *cells) for place, *cells in part.itertuples(name=None)]


@pytest.mark.parametrize("split_by", SPECS)
@given(mixture=mixtures())
@settings(max_examples=EXAMPLES)
def test_rows_that_are_left_out_change_nothing_for_the_others(split_by: str, mixture: Mixture) -> None:
    spec = make_spec(**SPECS[split_by], max_rejected=0.5)
    alone, among = load(LINES, spec), load(mixture.lines, spec)
    assert among.sha256 == alone.sha256
    for before, after in ((alone.train, among.train), (alone.test, among.test)):
        assert rows_of(after, mixture.places) == rows_of(before, [*range(len(LINES))])
    rejected = {mixture.places[row] for row in alone.rejected.rows} | {*mixture.broken}
    assert set(among.rejected.rows.tolist()) == rejected


@given(mixture=mixtures())
@settings(max_examples=EXAMPLES)
def test_rows_have_their_own_keys_whatever_was_left_out_before_them(mixture: Mixture) -> None:
    spec = make_spec(**SPECS["key"], max_rejected=0.5)
    found = []
    for lines in (LINES, mixture.lines):
        data, table = load(lines, spec), read_csv(make_csv(lines, f"{TREE},{HEADER}"))
        keys = read_keys(table, pd.concat([data.train, data.test]), spec)
        assert keys is not None
        found.append(keys.tolist())
    assert found[0] == found[1]


def test_keys_are_compared_behind_rows_without_a_target() -> None:
    spec = make_spec(key=("leaf",), ignored=("plant", "picked"))
    data = load([LEFT_OUT["unlabelled"], *GOOD[:30], LEFT_OUT["unlabelled"], *GOOD[30:]], spec)
    assert (len(data.train) + len(data.test), data.unlabelled, data.rejected.total) == (62, 2, 0)
