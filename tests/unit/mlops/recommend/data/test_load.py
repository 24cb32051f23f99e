"""A dataset of interactions is read as it is meant, and what is wrong with it is named, row by row."""

import gzip
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops.errors.data import DatasetRejected
from mlops.interactions import Rating
from mlops.privacy import HIDDEN
from mlops.recommend.data.load import InteractionData, load_interactions
from mlops.spec import RecommenderSpec
from tests.unit.mlops.recommend.data.samples import HEADER, NOW, START, make_lines, make_spec, to_csv

STARS = Rating(column="stars", minimum=1, maximum=5, like_from=4, dislike_below=2)


def load(lines: list[str], spec: RecommenderSpec | None = None, header: str = HEADER) -> InteractionData:
    return load_interactions(to_csv(lines, header), "a.csv", spec or make_spec(), NOW)


def rules(data: InteractionData) -> dict[str, int]:
    return {group.rule: group.count for group in data.rejected.groups}


def test_interactions_are_codes_weights_and_times() -> None:
    lines = ["u2,i1,1790000000,view", "u1,i1,1790000060,buy", "u1,i2,1790000120,dislike", "u2,i3,1790000180,shown"]
    found = load(lines, make_spec(min_rows=3, min_items=2, k=1)).interactions
    assert found.users[found.user].tolist() == ["u2", "u1", "u1"]
    assert found.items[found.item].tolist() == ["i1", "i1", "i2"]
    assert found.weight.tolist() == [1.0, 3.0, -1.0]
    assert found.time.tolist() == [START * 1000, (START + 60) * 1000, (START + 120) * 1000]
    assert found.event.tolist() == [1, 2, 3]
    assert [str(each.dtype) for each in (found.user, found.time, found.event)] == ["int32", "int64", "int8"]


def test_what_was_merely_shown_is_counted_and_is_no_interaction() -> None:
    data = load([*make_lines(), f"u9,i9,{START},shown"])
    assert (len(data.interactions), data.shown, rules(data)) == (12, 1, {})
    assert "u9" not in data.interactions.users


def test_the_same_rows_are_the_same_dataset_in_every_format_and_spelling() -> None:
    plain = load(make_lines())
    content = to_csv(make_lines())
    table = pd.read_csv(io.BytesIO(content))
    parquet = io.BytesIO()
    table.assign(time=pd.to_datetime(table["time"], unit="s", utc=True)).to_parquet(parquet)
    spec = make_spec()
    spelled = [line.replace("u", " u").replace("view", "VIEW ") for line in make_lines()]
    others = [
        load_interactions(gzip.compress(content), "a.csv.gz", spec, NOW),
        load_interactions(parquet.getvalue(), "a.parquet", spec, NOW),
        load(spelled),
    ]
    assert {other.sha256 for other in others} == {plain.sha256}
    assert load([*make_lines(11), f"u2,i3,{START + 660},buy"]).sha256 != plain.sha256


DIRTY: dict[str, tuple[str, str, str | None]] = {
    "no user": (f",i1,{START},view", "missing", "user"),
    "a user that a program wrote": (f"NaN,i1,{START},view", "missing", "user"),
    "no item": (f"u1, ,{START},view", "missing", "item"),
    "an item that nobody sees": (f"u1,\u200b\ufeff,{START},view", "missing", "item"),
    "an endless item": (f"u1,{'x' * 257},{START},view", "length", "item"),
    "an unknown event": (f"u1,i1,{START},teleport", "event", "event"),
    "no event": (f"u1,i1,{START},", "event", "event"),
    "no time": ("u1,i1,,view", "missing", "time"),
    "no clock": ("u1,i1,yesterday,view", "type", "time"),
    "a clock that wasn't set": ("u1,i1,0,view", "minimum", "time"),
    "a time before there was a shop": ("u1,i1,86400,view", "minimum", "time"),
    "a time of another unit": (f"u1,i1,{START}000,view", "future", "time"),
    "a day without a year": ("u1,i1,20260921,view", "minimum", "time"),
    "a day of a month": ("u1,i1,21.09.2026 14:05,view", "type", "time"),
    "a number that a spreadsheet wrote": ("u1,i1,1.79E+09,view", "type", "time"),
    "a time before 1970": ("u1,i1,-5,view", "minimum", "time"),
    "a time to come": (f"u1,i1,{START + 10**8},view", "future", "time"),
}


@pytest.mark.parametrize("fault", DIRTY)
def test_a_row_that_breaks_the_contract_is_named_and_the_others_are_kept(fault: str) -> None:
    line, rule, column = DIRTY[fault]
    data = load([*make_lines(), line])
    (violation,) = data.rejected.violations
    assert (violation.row, violation.rule, violation.column) == (12, rule, column)
    assert len(data.interactions) == 12
    assert data.sha256 == load(make_lines()).sha256


@pytest.mark.parametrize(("stars", "rule"), [("-3", "minimum"), ("6", "maximum"), ("many", "type"), ("", "missing")])
def test_a_rating_that_cannot_be_is_named(stars: str, rule: str) -> None:
    spec = make_spec(event=None, events={"rate": 1.0}, rating=STARS)
    lines = [f"{line.removesuffix('view')}4" for line in make_lines()]
    data = load([*lines, f"u1,i1,{START},{stars}"], spec, "user,item,time,stars")
    assert rules(data) == {rule: 1}
    assert len(data.interactions) == 12


def test_ratings_weigh_events_as_the_contract_does() -> None:
    spec = make_spec(events={"view": 1.0, "rate": 2.0, "shown": None, "dislike": -1.0}, rating=STARS, min_rows=1)
    cases = [(event, stars) for event in spec.events for stars in ("", "1", "1.9", "2", "3.9", "4", "5")]
    lines = [f"u{row % 5},i{row % 7},{START + row},{event},{stars}" for row, (event, stars) in enumerate(cases)]
    data = load(lines, spec, f"{HEADER},stars")
    given = [spec.interactions.weigh(event, float(stars) if stars else None) for event, stars in cases]
    assert data.interactions.weight.tolist() == [weight for weight in given if weight is not None]
    assert data.shown == 7


def test_too_many_broken_rows_are_a_refusal_that_names_them_all() -> None:
    lines = [*make_lines(), *[f"u1,i1,{START},teleport"] * 13]
    with pytest.raises(DatasetRejected, match=r"13 of 25 rows break the contract, and max_rejected=0.5") as caught:
        load(lines)
    assert caught.value.total == 13


BAD_COLUMNS: dict[str, tuple[str, str, str]] = {
    "an unknown one": (f"{HEADER},price", "unknown", "no column 'price'; name it in the spec's ignored"),
    "a missing one": ("user,item,event", "missing", "column 'time' is missing"),
    "no header": ("u7,i1,1790000000,view", "header", "none of the contract's columns is in the first line"),
}


@pytest.mark.parametrize("fault", BAD_COLUMNS)
def test_columns_that_do_not_match_are_a_refusal(fault: str) -> None:
    header, rule, words = BAD_COLUMNS[fault]
    width = header.count(",") + 1
    lines = [",".join([*line.split(","), "9"][:width]) for line in make_lines()]
    with pytest.raises(DatasetRejected, match=words) as caught:
        load(lines, header=header)
    assert [violation.rule for violation in caught.value.violations] == [rule]


def test_a_column_that_the_spec_ignores_may_be_there() -> None:
    lines = [f"{line},9" for line in make_lines()]
    assert len(load(lines, make_spec(ignored=("price",)), f"{HEADER},price").interactions) == 12


def test_a_first_line_that_may_be_data_is_not_repeated() -> None:
    with pytest.raises(DatasetRejected) as caught:
        load(make_lines(), header="user,smith,1790000000,view")
    assert "smith" not in " ".join(violation.message for violation in caught.value.violations)


def test_an_event_recorded_twice_counts_once_and_is_named() -> None:
    lines = make_lines()
    data = load([*lines, lines[3], lines[3], f"u0,i3,{START + 180},buy"], make_spec(max_rejected=0.0))
    assert [(each.row, each.rule) for each in data.rejected.violations] == [(12, "duplicate"), (13, "duplicate")]
    assert len(data.interactions) == 13
    assert "2 rows are events that were recorded twice" in data.remarks[0]


def test_a_bot_is_left_out_and_named_however_many_events_it_has() -> None:
    bot = [f"robot,i{row % 4},{START + row},view" for row in range(5_000)]
    data = load([*make_lines(), *bot], make_spec(max_rejected=0.0, user_privacy="keep"))
    assert len(data.interactions) == 12
    assert rules(data) == {"bot": 5_000}
    assert data.rejected.violations[0].value == "robot"
    assert "5,000 rows are of 1 users with more than 2,000 events on one day" in data.remarks[0]


def test_many_events_over_many_days_are_a_persons_up_to_a_limit() -> None:
    fan = [f"fan,i{row % 4},{START + 1_200 * row},view" for row in range(3_000)]
    assert len(load([*make_lines(), *fan]).interactions) == 3_012
    assert rules(load([*make_lines(), *fan], make_spec(most_events=2_999))) == {"bot": 3_000}


def test_a_private_user_is_in_no_message() -> None:
    bot = [f"smith,i{row % 4},{START + row},view" for row in range(3_000)]
    broken = [f"smith,i1,{START},teleport", f"{'smith' * 60},i1,{START},view"]
    data = load([*make_lines(), *bot, *broken, "Smith,i1,1790000000,view"])
    texts = [*data.remarks, *(str(violation.to_dict()) for violation in data.rejected.violations)]
    assert not [text for text in texts if "mith" in text]
    assert HIDDEN in {violation.value for violation in data.rejected.violations}


def test_ids_that_differ_by_case_or_inner_blanks_are_named_and_kept_apart_or_folded() -> None:
    lines = [*make_lines(), f"u1,I1,{START},view", f"u1,red  shoe,{START},view", f"u1,red shoe,{START},view"]
    data = load(lines)
    (remark,) = data.remarks
    assert remark.startswith(
        "The ids of 4 items differ from another one's in letters' case, blanks, invisible characters"
    )
    assert {"I1", "i1", "red shoe", "red  shoe"} <= {*data.interactions.items}
    folded = load(lines, make_spec(fold_case=True))
    assert {*folded.interactions.items} == {"i0", "i1", "i2", "i3", "red shoe"}


def test_ids_that_differ_by_outer_blanks_are_one() -> None:
    data = load([*make_lines(), f" u1 ,i1\u00a0,{START + 10_000},view"])
    assert (len(data.interactions.users), len(data.interactions.items), data.remarks) == (3, 4, ())


FEW: dict[str, dict[str, Any]] = {
    "rows": {"min_rows": 13},
    "users": {"min_users": 4},
    "items": {"min_items": 5},
}


@pytest.mark.parametrize("what", FEW)
def test_too_little_to_learn_from_is_a_refusal(what: str) -> None:
    with pytest.raises(DatasetRejected, match=f"{what}; training needs at least .* the spec's min_{what}"):
        load(make_lines(), make_spec(**FEW[what]))


def test_dislikes_alone_are_nothing_to_learn_from() -> None:
    with pytest.raises(DatasetRejected, match="nothing to learn"):
        load([line.replace("view", "dislike") for line in make_lines()])


def test_without_times_rows_are_in_the_order_of_time_and_none_is_a_duplicate() -> None:
    spec = make_spec(time=None, split="users")
    lines = [",".join(np.array(line.split(","))[[0, 1, 3]]) for line in make_lines()]
    data = load([*lines, lines[0]], spec, "user,item,event")
    assert data.interactions.time.tolist() == list(range(13))
    assert rules(data) == {}
