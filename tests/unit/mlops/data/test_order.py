"""The groups and times that a split goes by, from columns of the file that needn't be inputs."""

from dataclasses import replace

import numpy as np
import pytest

from mlops.contract import Column
from mlops.data.load import load_dataset
from mlops.data.row_digests import HIDDEN, TIME, UNIT
from mlops.errors.data import DatasetRejected
from mlops.errors.training import SpecInvalid
from tests.unit.mlops.samples import HEADER, make_csv, make_lines, make_spec

NAME = "s3://data/datasets/leaves/a.csv"


def with_column(name: str, cells: list[str], rows: int = 200) -> bytes:
    lines = [f"{line},{cell}" for line, cell in zip(make_lines(rows), cells, strict=True)]
    return make_csv(lines, f"{HEADER},{name}")


def plants(rows: int = 200) -> list[str]:
    return [f"plant {number}" for number in np.random.default_rng(0).integers(0, 30, rows)]


def test_a_group_is_held_out_as_a_whole_and_is_no_input() -> None:
    cells = plants()
    data = load_dataset(with_column("plant", cells), NAME, make_spec(group=("plant",)))
    plant = np.array(cells)
    assert not set(plant[data.train.index]) & set(plant[data.test.index])
    assert data.columns == 3
    assert [name for name in data.train.columns if not name.startswith(HIDDEN)] == ["length", "width", "kind"]
    assert data.train[UNIT].nunique() == len(set(plant[data.train.index]))


def test_rows_without_a_group_are_groups_of_their_own() -> None:
    cells = ["" if number % 4 == 0 else cell for number, cell in enumerate(plants())]
    data = load_dataset(with_column("plant", cells), NAME, make_spec(group=("plant",)))
    lone = [row for row in data.train.index if not cells[row]]
    assert data.train.loc[lone, UNIT].is_unique


@pytest.mark.parametrize("options", [{"group": ("picked",)}, {"split": "time", "time": "picked"}], ids=str)
def test_a_table_whose_groups_or_times_were_corrected_is_another_dataset(options: dict[str, object]) -> None:
    spec = make_spec(**options)
    cells = [f"2026-01-{1 + row % 28:02}" for row in range(200)]
    corrected = [*cells[:-1], "2026-02-01"]
    digests = {load_dataset(with_column("picked", each), NAME, spec).sha256 for each in (cells, corrected, cells)}
    assert len(digests) == 2
    keyed = make_spec(key=("picked",))
    numbered = ([str(row) for row in range(200)], [str(row + 1) for row in range(200)])
    assert len({load_dataset(with_column("picked", each), NAME, keyed).sha256 for each in numbered}) == 1


def test_too_few_groups_are_refused_with_their_number() -> None:
    cells = [f"plant {number % 4}" for number in range(200)]
    with pytest.raises(DatasetRejected, match=r"of 4 groups by plant.*at least 10"):
        load_dataset(with_column("plant", cells), NAME, make_spec(group=("plant",)))


@pytest.mark.parametrize(
    "write",
    [
        lambda day: f"2026-{1 + day // 28:02}-{1 + day % 28:02}",
        lambda day: f"2026-{1 + day // 28:02}-{1 + day % 28:02}T08:30:00+02:00",
        lambda day: f"{1_700_000_000 + 86_400 * day}",
    ],
    ids=["dates", "moments", "numbers"],
)
def test_the_latest_rows_are_the_test_however_their_time_is_written(write: object) -> None:
    days = np.random.default_rng(1).permutation(200)
    assert callable(write)
    content = with_column("picked", [write(int(day)) for day in days])
    data = load_dataset(content, NAME, make_spec(split="time", time="picked"))
    assert sorted(days[data.test.index]) == list(range(100, 200))
    assert list(days[data.train.index]) == sorted(days[data.train.index])
    assert list(data.train[TIME]) == sorted(data.train[TIME])


def test_a_contracts_only_date_is_the_time() -> None:
    cells = [f"2026-01-{1 + row % 28:02}" for row in range(200)]
    spec = make_spec()
    dated = replace(spec, columns=(*spec.columns, Column(name="picked", kind="date")), split="time")
    data = load_dataset(with_column("picked", cells), NAME, dated)
    assert data.train["picked"].max() < data.test["picked"].min()


def test_rows_without_a_time_are_refused_by_their_numbers() -> None:
    cells = ["soon" if row == 7 else f"2026-01-{1 + row % 28:02}" for row in range(200)]
    with pytest.raises(DatasetRejected) as caught:
        load_dataset(with_column("picked", cells), NAME, make_spec(split="time", time="picked"))
    assert [violation.row for violation in caught.value.violations] == [7]


def test_times_in_another_notation_are_refused_with_the_one_that_is_read() -> None:
    cells = [f"{1 + row % 28}.01.2026" for row in range(200)]
    with pytest.raises(DatasetRejected, match="200 rows have no time in picked that can be read; write times like"):
        load_dataset(with_column("picked", cells), NAME, make_spec(split="time", time="picked"))


def test_a_time_may_be_an_input_of_texts() -> None:
    cells = [f"2026-01-{1 + row % 28:02}" for row in range(200)]
    spec = make_spec()
    columns = (*spec.columns, Column(name="picked", kind="category"))
    data = load_dataset(with_column("picked", cells), NAME, replace(spec, columns=columns, split="time", time="picked"))
    assert data.train["picked"].max() < data.test["picked"].min()


def test_a_split_that_leaves_a_part_without_a_label_is_refused_with_the_remedy() -> None:
    lines = sorted(make_lines(200), key=lambda line: line.endswith("short"))
    dates = [f"2026-{1 + row // 28:02}-{1 + row % 28:02}" for row in range(200)]
    content = make_csv([f"{line},{day}" for line, day in zip(lines, dates, strict=True)], f"{HEADER},picked")
    with pytest.raises(DatasetRejected, match=r"none of the 100 training rows is short.*leave split out of the spec"):
        load_dataset(content, NAME, make_spec(split="time", time="picked"))
    plants = ["plant 0" if line.endswith("long") else f"plant {row % 40}" for row, line in enumerate(lines)]
    content = make_csv([f"{line},{plant}" for line, plant in zip(lines, plants, strict=True)], f"{HEADER},plant")
    with pytest.raises(DatasetRejected, match=r"rows is long, where whole groups are held out.*leave group out"):
        load_dataset(content, NAME, make_spec(group=("plant",)))


def test_a_group_that_is_most_of_the_table_is_refused_with_its_size() -> None:
    cells = ["all" if row % 10 else f"plant {row}" for row in range(200)]
    with pytest.raises(DatasetRejected, match=r"\(1 for 5 folds\), since one has 180 of 200 rows; name another"):
        load_dataset(with_column("plant", cells), NAME, make_spec(group=("plant",)))


def test_one_time_alone_is_refused() -> None:
    with pytest.raises(DatasetRejected, match="the same in every row"):
        load_dataset(with_column("picked", ["2026-01-01"] * 200), NAME, make_spec(split="time", time="picked"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"split": "time"}, "needs time='COLUMN'"),
        ({"split": "time", "time": "picked", "group": ("plant",)}, "exclude each other"),
        ({"time": "picked"}, "only split='time' uses it"),
        ({"split": "random walk"}, "'random' or 'time'"),
        ({"group": ("kind",)}, "the target"),
        ({"group": ("plant",), "ignored": ("plant",)}, "which the spec uses"),
    ],
)
def test_a_split_that_contradicts_itself_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(SpecInvalid, match=words):
        make_spec(**options)
