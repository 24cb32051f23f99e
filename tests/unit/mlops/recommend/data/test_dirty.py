"""What files of interactions look like that nobody looked at: named with what helps, or read as it is meant."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops.errors.data import DatasetRejected
from mlops.recommend.data.load import InteractionData, load_interactions
from mlops.spec import RecommenderSpec
from tests.unit.mlops.recommend.data.samples import NOW, START, make_lines, make_spec, to_csv

PLAIN = load_interactions(to_csv(make_lines()), "a.csv", make_spec(), NOW)
MOMENTS = [START + 60 * row for row in range(12)]


def refuse(content: bytes, name: str = "a.csv", spec: RecommenderSpec | None = None) -> DatasetRejected:
    with pytest.raises(DatasetRejected) as caught:
        load_interactions(content, name, spec or make_spec(), NOW)
    return caught.value


def to_parquet(**columns: pa.Array) -> bytes:
    """The twelve lines of `make_lines` as Parquet, with these columns in place of theirs."""
    given = {
        "user": pa.array([f"u{row % 3}" for row in range(12)]),
        "item": pa.array([f"i{row % 4}" for row in range(12)]),
        "time": pa.array(MOMENTS),
        "event": pa.array(["view"] * 12),
    }
    sink = io.BytesIO()
    parquet.write_table(pa.table(given | columns), sink)
    return sink.getvalue()


def load_parquet(**columns: pa.Array) -> InteractionData:
    return load_interactions(to_parquet(**columns), "a.parquet", make_spec(), NOW)


SECONDS = pa.array(MOMENTS)
SAME: dict[str, dict[str, pa.Array]] = {
    "categories": {
        "user": pa.array([f"u{row % 3}" for row in range(12)]).dictionary_encode(),
        "event": pa.array(["view"] * 12).dictionary_encode(),
    },
    "large text": {"item": pa.array([f"i{row % 4}" for row in range(12)], pa.large_string())},
    "decimals": {"time": SECONDS.cast(pa.decimal128(20, 0))},
    "unsigned numbers": {"time": SECONDS.cast(pa.uint64())},
    "a zone": {"time": SECONDS.cast(pa.timestamp("s")).cast(pa.timestamp("us", "Asia/Kolkata"))},
    "nanoseconds": {"time": SECONDS.cast(pa.timestamp("s")).cast(pa.timestamp("ns"))},
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_rows_are_the_same_in_every_type_of_parquet(kind: str) -> None:
    assert load_parquet(**SAME[kind]).sha256 == PLAIN.sha256


WRONG: dict[str, tuple[str, pa.Array]] = {
    "times that are lists": ("time", pa.array([[1]] * 12)),
    "times that are structures": ("time", pa.array([{"s": 1}] * 12)),
    "times that are bytes": ("time", pa.array([b"1"] * 12)),
    "times that are true or false": ("time", pa.array([True] * 12)),
    "times of a day": ("time", pa.array([1] * 12, pa.time32("s"))),
    "durations": ("time", pa.array([timedelta(1)] * 12)),
    "users that are lists": ("user", pa.array([["u1"]] * 12)),
    "users that are times": ("user", SECONDS.cast(pa.timestamp("s"))),
    "events that are bytes": ("event", pa.array([b"view"] * 12)),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_column_of_a_type_that_it_cannot_have_is_named(kind: str) -> None:
    column, cells = WRONG[kind]
    error = refuse(to_parquet(**{column: cells}), "a.parquet")
    assert [(each.rule, each.column) for each in error.violations] == [("type", column)]
    assert f"and the file has it as {str(cells.type)[:4]}" in error.reason


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_ids_that_floating_point_makes_one_are_refused(kind: str) -> None:
    large = np.array([2.0**60 + 300 * row for row in range(12)], dtype=kind)
    error = refuse(to_parquet(user=pa.array(large)), "a.parquet")
    assert "neighbours are the same number; write them as whole numbers or as text" in error.reason
    whole = load_parquet(user=pa.array([2**60 + row % 3 for row in range(12)]))
    assert len(whole.interactions.users) == 3
    small = load_parquet(user=pa.array([float(row % 3) if row else None for row in range(12)]))
    assert small.interactions.users.tolist() == ["0", "1", "2"]
    half = load_parquet(user=pa.array([float(row % 3) for row in range(12)], pa.float16()))
    assert half.interactions.users.tolist() == ["0", "1", "2"]


def test_times_in_other_zones_are_the_same_moments() -> None:
    zones = ("Z", "+00:00", "+0530", "-08:00", " +02:00")
    hours = (0, 0, 5.5, -8, 2)
    lines = []
    for row, moment in enumerate(MOMENTS):
        zone = row % len(zones)
        local = datetime.fromtimestamp(moment, UTC) + timedelta(hours=hours[zone])
        lines.append(f"u{row % 3},i{row % 4},{local:%Y-%m-%dT%H:%M:%S}{zones[zone]},view")
    assert load_interactions(to_csv(lines), "a.csv", make_spec(), NOW).sha256 == PLAIN.sha256


def test_seconds_and_milliseconds_in_one_file_are_named_with_the_unit_that_counts_are_read_in() -> None:
    lines = [f"u{row % 3},i{row % 4},{moment}{'000' * (row < 4)},view" for row, moment in enumerate(MOMENTS)]
    data = load_interactions(to_csv(lines), "a.csv", make_spec(), NOW)
    assert [(each.rule, each.count) for each in data.rejected.groups] == [("future", 4)]
    message = data.rejected.violations[0].message
    assert "counts are read as seconds since 1970, the unit of the middle one" in message
    error = refuse(to_csv(lines), spec=make_spec(max_rejected=0.05))
    assert "4 of 12 rows break the contract" in error.reason
    assert "counts are read as seconds since 1970" in error.reason
    dates = [f"u{row % 3},i{row % 4},2026-09-{row + 1:02},view" for row in range(12)]
    data = load_interactions(to_csv([*dates, "u1,i1,2999-01-01,view"]), "a.csv", make_spec(), NOW)
    assert "counts" not in data.rejected.violations[0].message


def test_rows_of_one_time_leave_nothing_to_learn_from() -> None:
    lines = [f"u{row % 3},i{row % 4},{START},view" for row in range(12)]
    error = refuse(to_csv(lines))
    assert error.violations[0].rule == "times"
    assert "100% of the rows have the earliest time" in error.reason
    assert "hold out users (split='users')" in error.reason
    assert len(load_interactions(to_csv(lines), "a.csv", make_spec(split="users"), NOW).interactions) == 12


def test_most_rows_of_the_earliest_time_leave_nothing_either() -> None:
    lines = [f"u{row % 3},i{row % 4},{START if row < 11 else START + 60},view" for row in range(12)]
    assert "92% of the rows have the earliest time" in refuse(to_csv(lines)).reason


FILES: dict[str, tuple[bytes, str, str]] = {
    "gzip that was cut off": (gzip.compress(to_csv(make_lines()))[:-9], "a.csv.gz", "was it cut off?"),
    "text called gzip": (to_csv(make_lines()), "a.csv.gz", "isn't gzip"),
    "gzip called text": (gzip.compress(to_csv(make_lines())), "a.csv", ""),
    "parquet that was cut off": (to_parquet()[:-9], "a.parquet", "isn't Parquet, or is damaged"),
    "nothing": (b"", "a.csv", "the file is empty"),
    "a header alone": (to_csv([]), "a.csv", "a header and no rows"),
    "a header twice": (to_csv([*make_lines(), "user,item,time,event"]), "a.csv", "is the header once more"),
    "a column twice": (b"user,item,time,event,event\nu,i,1,view,view\n", "a.csv", "have the same name"),
    "semicolons": (to_csv(make_lines()).replace(b",", b";"), "a.csv", "separated by semicolons"),
    "Latin-1": (to_csv(["u\u00fc,i1,1790000000,view"]).decode().encode("latin-1"), "a.csv", "isn't UTF-8"),
    "UTF-16": (to_csv(make_lines()).decode().encode("utf-16"), "a.csv", "UTF-16; save it as UTF-8"),
    "a workbook": (b"PK", "a.xlsx", "doesn't end in .csv"),
    "one user": (to_csv([f"u1,i{row % 4},{START + row},view" for row in range(12)]), "a.csv", "1 users"),
    "one item": (to_csv([f"u{row % 3},i1,{START + row},view" for row in range(12)]), "a.csv", "1 items"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_none_is_named(kind: str) -> None:
    content, name, words = FILES[kind]
    assert words in refuse(content, name).reason


def test_a_byte_order_mark_and_lines_of_windows_change_nothing() -> None:
    content = b"\xef\xbb\xbf" + to_csv(make_lines()).replace(b"\n", b"\r\n")
    assert load_interactions(content, "a.csv", make_spec(), NOW).sha256 == PLAIN.sha256


def test_leading_zeros_make_two_ids_and_are_named() -> None:
    lines = [f"{'007' if row % 2 else '7'},i{row % 4},{START + 60 * row},view" for row in range(12)]
    data = load_interactions(to_csv(lines), "a.csv", make_spec(user_privacy="keep"), NOW)
    (remark,) = data.remarks
    assert "2 users differ from another one's in leading zeros alone, such as '007' and '7'" in remark


def test_zero_width_spaces_are_named_and_folded() -> None:
    lines = [line.replace("i1", "i\u200b1") if row == 5 else line for row, line in enumerate(make_lines())]
    data = load_interactions(to_csv(lines), "a.csv", make_spec(), NOW)
    (remark,) = data.remarks
    assert "'i1' and 'i\\u200b1'" in remark
    folded: Any = load_interactions(to_csv(lines), "a.csv", make_spec(fold_case=True), NOW)
    assert (folded.remarks, folded.sha256) == ((), PLAIN.sha256)
