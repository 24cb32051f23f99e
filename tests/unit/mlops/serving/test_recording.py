import json
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.errors.base import SettingInvalid
from mlops.serving.ids import make_ids
from mlops.serving.recording import MIN_CELL_BYTES, Recording
from tests.unit.mlops.records.bucket import NOON, make_id

# The largest chi-squared of 9 degrees of freedom that chance exceeds once in ten thousand.
_CHI_SQUARED = 33.7


@pytest.mark.parametrize(("setting", "share"), [("all", 1.0), ("none", 0.0), ("0.25", 0.25), ("1", 1.0), ("0", 0.0)])
def test_the_setting_is_all_none_or_a_share(setting: str, share: float) -> None:
    assert Recording.from_settings(setting, 1024).share == share


@pytest.mark.parametrize("setting", ["", "some", "1.1", "-0.1", "nan", "inf"])
def test_another_setting_is_refused_by_name(setting: str) -> None:
    with pytest.raises(SettingInvalid, match="RECORD_INPUTS"):
        Recording.from_settings(setting, 1024)


def test_a_cap_that_would_cut_hashes_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="RECORD_CELL_BYTES"):
        Recording.from_settings("all", MIN_CELL_BYTES - 1)


def test_all_and_none_ask_no_id() -> None:
    assert Recording(1.0).holds_inputs("anything")
    assert not Recording(0.0).holds_inputs("anything")


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_a_share_is_as_large_as_it_says_whether_ids_follow_each_other_or_not(share: float) -> None:
    recording = Recording(share)
    neighbours = make_ids(20_000)  # they count up
    apart = [make_id(NOON + timedelta(milliseconds=37 * number), number) for number in range(20_000)]
    for ids in (neighbours, apart):
        held = sum(map(recording.holds_inputs, ids))
        assert abs(held - 20_000 * share) < 4 * (20_000 * share * (1 - share)) ** 0.5


def test_the_choice_is_uniform_over_a_request_and_over_time() -> None:
    ids = make_ids(10_000) + [make_id(NOON + timedelta(seconds=number), 1) for number in range(10_000)]
    tenths = [sum(Recording(tenth / 10).holds_inputs(name) for name in ids) for tenth in range(11)]
    counts = [after - before for before, after in pairwise(tenths)]
    assert sum(counts) == len(ids)
    expected = len(ids) / 10
    assert sum((count - expected) ** 2 / expected for count in counts) < _CHI_SQUARED


@given(st.uuids().map(str), st.floats(0, 1), st.floats(0, 1))
def test_the_same_id_has_the_same_choice_and_a_larger_share_keeps_it(name: str, one: float, other: float) -> None:
    smaller, larger = sorted((one, other))
    assert Recording(smaller).holds_inputs(name) == Recording(smaller).holds_inputs(name)
    assert Recording(smaller).holds_inputs(name) <= Recording(larger).holds_inputs(name)


def test_a_long_text_is_cut_between_characters_and_named() -> None:
    recording = Recording(cell_bytes=64)
    inputs = {"note": "ä" * 40, "exact": "x" * 64, "short": "b", "number": 1.5, "missing": None}
    cut, names = recording.cut(inputs, inputs)
    assert names == ("note",)
    assert cut == {**inputs, "note": "ä" * 32}
    assert Recording(cell_bytes=65).cut(inputs, inputs)[0]["note"] == "ä" * 32


@given(st.dictionaries(st.text(), st.text(max_size=100) | st.floats(allow_nan=False) | st.booleans()))
def test_no_cell_is_longer_than_the_cap_and_what_is_not_named_is_whole(inputs: dict[str, object]) -> None:
    cut, names = Recording(cell_bytes=64).cut(inputs, inputs)
    for name, cell in cut.items():
        assert len(str(cell).encode()) <= 64 or not isinstance(cell, str)
        assert name in names or cell == inputs[name]
    assert all(str(inputs[name]).startswith(str(cut[name])) for name in names)
    json.dumps(cut)
