"""Whatever a body holds, it is taken as one validator would take it, or refused for a bounded effort."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.contract import Contract
from mlops.errors.base import MlopsError
from mlops.errors.serving import BodyTooLarge, BodyUnreadable, InputRejected
from mlops.serving.rows.reader import Row, RowReader
from mlops.serving.violations import MAX_VIOLATIONS
from tests.unit.mlops.serving.artifacts import CONTRACT, MIXED
from tests.unit.mlops.serving.rows.reference import Reference

MAX_ROWS = 6
CONTRACTS = {"numbers": CONTRACT, "mixed": MIXED}
PAD = " " * 5_000  # what makes a small document a large body

numbers = st.integers(-5, 200) | st.floats() | st.sampled_from([10**400, 1e9 + 0.5, 29.999999999999996, 2**63])
dates = st.sampled_from(["1970-01-11", "2026-11-29", "1969-12-31", "11", "1970-01-11T00:00:00", "0" * 200, ""])
leaves = (
    numbers | dates | st.text(max_size=3) | st.booleans() | st.none() | st.sampled_from(["S", "M", "\x01\ud7ff", "😀"])
)
anything = st.recursive(leaves, lambda deeper: st.lists(deeper) | st.dictionaries(st.text(), deeper), max_leaves=8)
good: dict[str, st.SearchStrategy[Any]] = {
    "mean radius": st.floats(0, 100),
    "mean texture": st.integers(0, 1000),
    "age": st.integers(0, 120),
    "city": st.text(max_size=4),
    "smokes": st.booleans(),
    "size": st.sampled_from(["S", "M", None]),
    "since": st.dates(min_value=date(1970, 1, 1), max_value=date(2020, 1, 1)).map(str),
    "weight": st.none() | st.floats(allow_nan=False, allow_infinity=False),
}


def bodies(contract: Contract) -> st.SearchStrategy[Any]:
    """Documents from good rows to anything at all."""
    right = st.fixed_dictionaries({name: good[name] for name in contract.names})
    almost = st.fixed_dictionaries({name: good[name] | anything for name in contract.names})
    partly = st.dictionaries(st.sampled_from([*contract.names, "mean radus", "x"]), leaves)
    row = right | right | almost | partly | anything
    rows = st.lists(right, min_size=1, max_size=MAX_ROWS) | st.lists(row, max_size=MAX_ROWS + 2)
    around = st.fixed_dictionaries({"rows": rows | anything}, optional={"more": anything})
    return st.fixed_dictionaries({"rows": rows}) | around | anything


def wrap(*rows: str) -> bytes:
    return f'{{"rows":[{",".join(rows)}]}}'.encode()


def read(reader: RowReader, body: bytes) -> tuple[Sequence[Row] | None, MlopsError | None]:
    try:
        return list(reader.read(body)), None
    except (BodyTooLarge, BodyUnreadable, InputRejected) as error:
        return None, error


@pytest.mark.parametrize("pad", ["", PAD], ids=["small", "large"])
@pytest.mark.parametrize("kind", CONTRACTS)
@given(data=st.data())
def test_any_document_is_taken_or_refused_as_by_one_validator(kind: str, pad: str, data: st.DataObject) -> None:
    contract = CONTRACTS[kind]
    body = (json.dumps(data.draw(bodies(contract))) + pad).encode()
    rows, error = read(RowReader(contract, MAX_ROWS), body)
    reference = Reference(contract, MAX_ROWS)
    assert rows == reference.read(body)
    if not isinstance(error, InputRejected):
        return
    assert 0 < len(error.violations) <= min(error.total, MAX_VIOLATIONS)
    assert all(len(each.message) < 1_000 for each in error.violations)
    assert all(each.value is None or len(each.value) <= 81 for each in error.violations)


@pytest.mark.parametrize("kind", CONTRACTS)
@given(data=st.data())
def test_the_violations_of_rows_are_those_that_one_validator_counts(kind: str, data: st.DataObject) -> None:
    contract = CONTRACTS[kind]
    almost = st.fixed_dictionaries(
        {}, optional={name: good[name] | leaves for name in (*contract.names, "city")} | {"x": leaves}
    )
    body = json.dumps({"rows": data.draw(st.lists(almost | leaves, min_size=1, max_size=MAX_ROWS))}).encode()
    _, error = read(RowReader(contract, MAX_ROWS), body)
    assert (error.total if isinstance(error, InputRejected) else 0) == Reference(contract, MAX_ROWS).count_errors(body)


@given(text=st.text(alphabet='[]{}:,"\\ab', max_size=60), data=st.data())
def test_a_body_that_is_no_document_is_refused_and_nothing_else(text: str, data: st.DataObject) -> None:
    start, end = data.draw(st.sampled_from([('{"rows":[', "]}"), ('{"rows":[{"mean radius":', ""), ("", "")]))
    body = f"{start}{text}{PAD}{end}".encode()
    assert read(RowReader(CONTRACT, MAX_ROWS), body)[0] == Reference(CONTRACT, MAX_ROWS).read(body)


@pytest.mark.parametrize("text", ["[{", '"}', "\\", '\\"[', ",:", "}]", "é\\\\"], ids=repr)
def test_brackets_in_a_text_are_text(text: str) -> None:
    row = {"age": 30, "city": text * 20_000, "smokes": True, "since": "1970-01-11"}
    (read_row,) = RowReader(MIXED, MAX_ROWS).read(json.dumps({"rows": [row]}).encode())
    assert read_row["city"] == row["city"]


def test_of_a_body_that_builds_too_much_the_start_is_named() -> None:
    cell = '{"mean radius":[' + ",".join(["[]"] * 100_000) + '],"mean texture":1}'
    good_row = '{"mean radius":1,"mean texture":1}'
    _, error = read(RowReader(CONTRACT, MAX_ROWS), wrap(good_row, cell))
    assert isinstance(error, InputRejected)
    (violation,) = error.violations
    assert (violation.row, violation.column, violation.rule) == (1, "mean radius", "type")
    assert violation.message == "mean radius must be a number, not a list"


def test_more_rows_than_the_limit_are_too_many_however_many_there_are() -> None:
    for row in ("{}", "[]", "1", '{"mean radius":1,"mean texture":1}'):
        for count in (MAX_ROWS + 1, 100_000):
            _, error = read(RowReader(CONTRACT, MAX_ROWS), wrap(*[row] * count))
            assert isinstance(error, BodyTooLarge), row


def test_a_name_may_stand_twice_but_not_in_a_body_of_nothing_else() -> None:
    twice = wrap('{"mean texture":1,' + ",".join(['"mean radius":1'] * 1_000) + "}")
    assert read(RowReader(CONTRACT, MAX_ROWS), twice)[0] == [{"mean radius": 1.0, "mean texture": 1.0}]
    often = wrap('{"mean texture":1,' + ",".join(['"mean radius":1'] * 100_000) + "}")
    _, error = read(RowReader(CONTRACT, MAX_ROWS), often)
    assert isinstance(error, InputRejected)
    assert (error.violations[0].rule, "stands twice" in str(error)) == ("twice", True)


@pytest.mark.parametrize("item", ['"a":', "[", "{", ",", '{"a":', "[],", '"', "\\", '"a":0,', "}", "]", "0"])
@pytest.mark.parametrize(
    "start", ['{"rows":[{', '{"rows":[{"mean radius":', '{"rows":[', "", '{"rows":[{"mean radius":"']
)
def test_anything_again_and_again_is_refused(start: str, item: str) -> None:
    rows, error = read(RowReader(CONTRACT, MAX_ROWS), (start + item * 50_000).encode())
    assert (rows, error is None) == (None, False)


def test_three_unknown_names_of_a_request_get_a_suggestion() -> None:
    rows = [{"mean radius": 1, "mean texture": 1, f"mean radus{number}": 1} for number in range(5)]
    _, error = read(RowReader(CONTRACT, MAX_ROWS), json.dumps({"rows": rows}).encode())
    assert isinstance(error, InputRejected)
    assert ["did you mean 'mean radius'?" in each.message for each in error.violations] == [True] * 3 + [False] * 2


@given(data=st.data())
def test_any_table_is_taken_or_refused_as_its_rows_are(data: st.DataObject) -> None:
    cells = st.tuples(*(good[name] | leaves for name in MIXED.names)) | st.tuples(*(good[name] for name in MIXED.names))
    table = data.draw(st.lists(cells, max_size=MAX_ROWS + 1))
    rows = [
        {name: None if cell != cell else cell for name, cell in zip(MIXED.names, row, strict=True)} for row in table
    ]
    body = json.dumps({"rows": rows}).encode()
    reader, reference = RowReader(MIXED, MAX_ROWS), Reference(MIXED, MAX_ROWS)
    try:
        taken = reader.check_cells(MIXED.names, table)
    except BodyTooLarge:
        assert len(table) > MAX_ROWS
    except InputRejected as error:
        assert error.total == reference.count_errors(body)
    else:
        assert taken == reference.read(body)


@pytest.mark.parametrize("more", [1, 2, 50_000])
@pytest.mark.parametrize("row", ["{}", '{"mean radius":1,"mean texture":2}'], ids=["empty", "good"])
def test_rows_above_the_limit_are_too_many_before_they_are_anything_else(row: str, more: int) -> None:
    limit = 10_000
    body = ('{"rows":[' + ",".join([row] * (limit + more)) + "]}").encode()
    with pytest.raises(BodyTooLarge, match="rows"):
        RowReader(CONTRACT, limit).read(body)
