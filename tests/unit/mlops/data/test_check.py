"""A dataset keeps its contract, or every broken rule is told with row, column and value."""

import numpy as np
import pyarrow
import pytest

from mlops.contract import Column
from mlops.data.check import check
from mlops.data.findings import MAX_LISTED
from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from mlops.errors.violations import Violation
from mlops.privacy import HIDDEN
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import HEADER, make_csv, make_lines, make_spec

LINES = make_lines(60)


def reject(content: bytes, spec: ModelSpec | None = None) -> tuple[Violation, ...]:
    """What the check finds, which it must."""
    with pytest.raises(DatasetRejected) as caught:
        check(read_csv(content), spec or make_spec())
    assert caught.value.reason
    return caught.value.violations


def with_line(row: int, line: str) -> bytes:
    return make_csv([*LINES[:row], line, *LINES[row + 1 :]])


def test_a_good_dataset_becomes_numbers_and_labels_in_the_contracts_order() -> None:
    swapped = [",".join(line.split(",")[place] for place in (2, 1, 0)) for line in LINES]
    table = check(read_csv(make_csv(swapped, "kind,width,length")), make_spec()).rows
    assert list(table.columns) == ["length", "width", "kind"]
    assert table["length"].tolist() == [float(line.split(",")[0]) for line in LINES]
    assert set(table["kind"]) == {"short", "long"}


BAD_CELLS = {
    "text": ("long thing,3,long", "type", "length", "long thing"),
    "a comma for a point": ('"1,5",3,long', "type", "length", "1,5"),
    "empty": (",3,long", "missing", "length", None),
    "nan": ("nan,3,long", "missing", "length", None),
    "infinite": ("-inf,3,long", "finite", "length", "-inf"),
    "beyond floating point": ("1e999,3,long", "finite", "length", "1e999"),
    "below the least": ("-0.5,3,long", "minimum", "length", "-0.5"),
    "above the most": ("5,50.01,long", "maximum", "width", "50.01"),
    "an unknown label": ("5,3,middling", "category", "kind", "middling"),
}


@pytest.mark.parametrize("kind", BAD_CELLS)
def test_a_bad_cell_is_reported_with_its_row_column_value_and_rule(kind: str) -> None:
    line, rule, column, value = BAD_CELLS[kind]
    (violation,) = reject(with_line(7, line))
    assert (violation.row, violation.column, violation.rule) == (7, column, rule)
    assert violation.value == value
    assert "row 7" in violation.message
    assert column in violation.message


def test_a_long_cell_is_reported_by_its_beginning() -> None:
    (violation,) = reject(with_line(7, f"{'long ' * 10_000},3,long"))
    assert violation.value is not None
    assert (violation.value[:10], violation.value[-1]) == ("long long ", "…")
    assert len(violation.message) < 200


def test_all_broken_rules_are_reported_at_once() -> None:
    found = reject(make_csv(["x,3,long", "5,-1,long", *LINES[2:], "5,3,none"]))
    assert {(each.row, each.column, each.rule) for each in found} == {
        (0, "length", "type"),
        (1, "width", "minimum"),
        (60, "kind", "category"),
    }


def test_a_missing_column_is_named() -> None:
    lines = [line.partition(",")[2] for line in LINES]
    (violation,) = reject(make_csv(lines, "width,kind"))
    assert (violation.rule, violation.column) == ("missing", "length")


def test_an_extra_column_is_named() -> None:
    (violation,) = reject(make_csv([f"{line},1" for line in LINES], f"{HEADER},colour"))
    assert (violation.rule, violation.column) == ("unknown", "colour")


def test_a_renamed_column_is_recognized() -> None:
    missing, unknown = reject(make_csv(header="lenght,width,kind"))
    assert (missing.column, unknown.column) == ("length", "lenght")
    assert "renamed to 'lenght'" in missing.message


@pytest.mark.parametrize("first", ["77.125,3,long", "77.125,77.125,long"])
def test_without_a_header_the_first_rows_values_are_not_repeated(first: str) -> None:
    content = "\n".join([first, *LINES, ""]).encode()
    (violation,) = reject(content)
    assert violation.rule == "header"
    assert "header" in violation.message
    assert "77.125" not in str(violation.to_dict())


def test_a_duplicate_row_is_reported_with_the_first_one() -> None:
    (violation,) = reject(make_csv([*LINES, LINES[3]]))
    assert (violation.rule, violation.row) == ("duplicate", 60)
    assert violation.message == "row 60 is a duplicate of row 3"


def test_rows_whose_cells_cannot_be_read_are_no_duplicates() -> None:
    found = reject(make_csv(["one,3,long", "two,3,long", *LINES[2:], LINES[5]]))
    assert [(each.rule, each.row) for each in found] == [("type", 0), ("type", 1), ("duplicate", 60)]
    assert found[-1].message == "row 60 is a duplicate of row 5"


def test_too_few_rows_are_refused() -> None:
    (violation,) = reject(make_csv(LINES[:30]))
    assert violation.rule == "rows"
    assert "30" in violation.message
    assert "40" in violation.message


def test_a_single_class_is_refused() -> None:
    (violation,) = reject(make_csv([line for line in make_lines(100) if line.endswith("short")]))
    assert (violation.rule, violation.column, violation.value) == ("classes", "kind", "long")


@pytest.mark.parametrize("privacy", ["hash", "drop"])
def test_a_private_value_is_never_repeated(privacy: str) -> None:
    columns = make_spec().columns
    private = columns[0].model_copy(update={"privacy": privacy})
    spec = make_spec(columns=(private, columns[1]))
    for line in ("SECRET,3,long", "-77.125,3,long"):
        (violation,) = reject(with_line(7, line), spec)
        assert violation.value == HIDDEN
        assert line.partition(",")[0] not in str(violation.to_dict())


def test_optional_cells_may_be_empty_and_whole_numbers_must_be_whole() -> None:
    columns = (Column(name="length", required=False), Column(name="width", kind="integer"))
    spec = make_spec(columns=columns)
    whole = [f"{row / 8},{row},{label}" for row, label in enumerate(["short", "long"] * 30)]
    table = check(read_csv(make_csv([",1,short", *whole])), spec).rows
    assert table["length"].isna().tolist() == [True, *[False] * 60]
    (violation,) = reject(make_csv([*whole, "1.5,2.5,long"]), spec)
    assert (violation.row, violation.column, violation.rule) == (60, "width", "type")


def test_few_rows_that_break_the_contract_are_left_out_if_the_spec_allows_it() -> None:
    content = make_csv([*LINES[:20], "x,3,long", *LINES[20:], "5,99,long", LINES[4]])
    checked = check(read_csv(content), make_spec(max_rejected=0.05))
    assert checked.rejected.rows.tolist() == [20, 61, 62]
    assert [(each.row, each.rule) for each in checked.rejected.violations] == [
        (20, "type"),
        (61, "maximum"),
        (62, "duplicate"),
    ]
    assert checked.rows.index.tolist() == [*range(20), *range(21, 61)]
    assert checked.rows["length"].tolist() == [float(line.split(",")[0]) for line in LINES]


def test_more_rows_than_the_spec_allows_refuse_the_dataset_with_both_figures() -> None:
    content = make_csv([*LINES, "x,3,long", "y,3,long"])
    with pytest.raises(DatasetRejected) as caught:
        check(read_csv(content), make_spec(max_rejected=0.03))
    assert "2 of 62 rows break the contract" in caught.value.reason
    assert "max_rejected=0.03" in caught.value.reason
    assert check(read_csv(content), make_spec(max_rejected=2 / 62)).rejected.total == 2


def test_a_row_with_two_broken_rules_is_one_row_and_two_violations() -> None:
    checked = check(read_csv(make_csv([*LINES, "x,99,long"])), make_spec(max_rejected=0.1))
    assert (checked.rejected.rows.tolist(), checked.rejected.total) == ([60], 2)


def test_what_is_left_must_be_enough() -> None:
    found = reject(make_csv([*LINES[:35], *["x,3,long"] * 10]), make_spec(max_rejected=0.5))
    assert found[0].rule == "rows"
    assert "35" in found[0].message


def test_very_many_broken_cells_are_counted_and_only_the_first_are_listed() -> None:
    rows = 50_000
    table = pyarrow.table({"length": np.full(rows, 200.0), "width": np.full(rows, 99.0), "kind": ["wrong"] * rows})
    with pytest.raises(DatasetRejected) as caught:
        check(table, make_spec())
    assert caught.value.total == 3 * rows
    assert len(caught.value.violations) == MAX_LISTED
    assert [each.row for each in caught.value.violations[:4]] == [0, 0, 0, 1]


DATED = Column(name="width", kind="date", minimum=0, maximum=1)


def test_the_range_of_dates_is_reported_in_dates() -> None:
    spec = make_spec(columns=(make_spec().columns[0], DATED))
    dated = [f"{row / 8},1970-01-0{row % 2 + 1},{label}" for row, label in enumerate(["short", "long"] * 30)]
    (violation,) = reject(make_csv(["5,1970-01-03,short", *dated]), spec)
    assert (violation.rule, violation.value) == ("maximum", "1970-01-03")
    assert "at most 1970-01-02" in violation.message
    (violation,) = reject(make_csv(["5,1970-13-01,short", *dated]), spec)
    assert "must be a date, YYYY-MM-DD" in violation.message
