"""A table of text → typed rows that keep the contract, or the list of everything that breaks it."""

from collections.abc import Iterator
from difflib import get_close_matches

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from mlops.contract import Column, Contract, Target
from mlops.errors import DatasetRejected, Violation
from mlops.spec import ModelSpec

MIN_ROWS_PER_CLASS = 10
HIDDEN = "(hidden)"


def check(cells: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """The rows with the contract's columns and the target, numbers as float64.

    Raises DatasetRejected with all violations.
    """
    contract = spec.contract
    violations = list(_check_columns(cells, contract))
    if violations:
        raise _rejected("the columns aren't the contract's", violations)
    table = pd.DataFrame({column.name: _typed(cells[column.name], column) for column in contract.columns})
    table[contract.target.name] = _typed_target(cells[contract.target.name], contract.target)
    violations = list(_check_cells(table, cells, contract))
    # Cells that couldn't be read are alike in the table, and yet they may differ.
    violations += _check_duplicates(table.drop(index=[each.row for each in violations]))
    if violations:
        raise _rejected("rows break the contract", violations)
    violations = list(_check_amount(table, spec))
    if violations:
        raise _rejected("there is too little to learn from", violations)
    return table


def _rejected(reason: str, violations: list[Violation]) -> DatasetRejected:
    return DatasetRejected(f"{reason}: {violations[0].message}", violations)


def _check_columns(cells: pd.DataFrame, contract: Contract) -> Iterator[Violation]:
    wanted = [*contract.names, contract.target.name]
    extra = [str(name) for name in cells.columns if name not in wanted]
    if len(extra) == len(cells.columns):
        # The names would be the first row's values, which may be private.
        message = f"none of the contract's columns is in the first line; it must be a header: {', '.join(wanted)}"
        yield Violation(rule="header", message=message)
        return
    for name in wanted:
        if name not in cells.columns:
            near = get_close_matches(name, extra, n=1)
            hint = f"; was it renamed to {near[0]!r}?" if near else ""
            yield Violation(rule="missing", column=name, message=f"column {name!r} is missing{hint}")
    for name in extra:
        yield Violation(rule="unknown", column=name, message=f"the contract has no column {name!r}")


def _typed(cells: pd.Series, column: Column) -> pd.Series:
    """Cells as the contract's kind; NaN for an empty cell and for one of another kind, told apart by _check_cells."""
    text = cells.str.strip()
    if column.kind == "category":
        return text.where(text != "")
    if column.kind == "boolean":
        return text.str.lower().map({"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0})
    if column.kind == "date":
        days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce") - pd.Timestamp("1970-01-01")
        return days / pd.Timedelta(days=1)
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _typed_target(cells: pd.Series, target: Target) -> pd.Series:
    """Labels as text; a regression's values as numbers, NaN where a cell has none."""
    if target.labels:
        return cells.str.strip()
    return _typed(cells, Column(name=target.name))


def _check_cells(table: pd.DataFrame, cells: pd.DataFrame, contract: Contract) -> Iterator[Violation]:
    for column in contract.columns:
        given = cells[column.name].str.strip()
        values = table[column.name]
        for row in _rows((given == "") & column.required):
            yield _cell(row, column, None, "missing", "is missing")
        for row in _rows((given != "") & values.isna()):
            yield _cell(row, column, given.iloc[row], *_unreadable(given.iloc[row], column))
    if not contract.target.labels:
        for row in _rows(table[contract.target.name].isna()):
            value, name = cells[contract.target.name].iloc[row].strip(), contract.target.name
            message = f"row {row}: {name} must be a finite number, not {value!r}"
            yield Violation(rule="target", row=row, column=name, value=value, message=message)
    try:
        _schema(contract).validate(table, lazy=True)
    except SchemaErrors as error:
        columns = {column.name: column for column in contract.columns}
        for case in error.failure_cases.itertuples():
            row, name = int(case.index), str(case.column)
            rule, _, demand = str(case.check).partition(": ")
            if name == contract.target.name:
                message = f"row {row}: {name} {demand}, not {case.failure_case!r}"
                yield Violation(rule=rule, row=row, column=name, value=str(case.failure_case), message=message)
            else:
                yield _cell(row, columns[name], str(case.failure_case), rule, demand)


def _rows(where: "pd.Series[bool]") -> list[int]:
    """The positions where a condition holds."""
    return [int(row) for row in np.flatnonzero(where)]


def _unreadable(text: str, column: Column) -> tuple[str, str]:
    """The rule that a cell breaks which isn't of its column's kind, and what the rule demands."""
    endless = column.kind in ("number", "integer") and np.isinf(pd.to_numeric(text, errors="coerce"))
    if endless or text.lower().lstrip("+-") == "nan":
        return "finite", "must be a finite number"
    return "type", f"must be a {column.kind}"


def _schema(contract: Contract) -> pa.DataFrameSchema:
    """The contract's ranges, categories and labels; each check's name is `rule: demand`."""
    target = contract.target
    schema = {column.name: pa.Column(checks=_checks(column), nullable=True) for column in contract.columns}
    demand = f"category: must be one of {', '.join(target.labels)}"
    labels = [pa.Check.isin(target.labels, error=demand)] if target.labels else []
    schema[target.name] = pa.Column(checks=labels, nullable=not target.labels)
    return pa.DataFrameSchema(schema)


def _checks(column: Column) -> list[pa.Check]:
    unit = f" {column.unit}" if column.unit else ""
    checks = []
    if column.kind == "integer":
        checks.append(pa.Check(lambda values: values % 1 == 0, error="type: must be a whole number"))
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum, error=f"minimum: must be at least {column.minimum:g}{unit}"))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum, error=f"maximum: must be at most {column.maximum:g}{unit}"))
    if column.categories:
        demand = f"category: must be one of {', '.join(column.categories)}"
        checks.append(pa.Check.isin(column.categories, error=demand))
    return checks


def _cell(row: int, column: Column, value: str | None, rule: str, demand: str) -> Violation:
    shown = value if column.privacy == "keep" else HIDDEN
    tail = f", not {shown!r}" if value is not None else ""
    return Violation(
        rule=rule,
        row=row,
        column=column.name,
        value=None if value is None else shown,
        message=f"row {row}: {column.name} {demand}{tail}",
    )


def _check_duplicates(table: pd.DataFrame) -> Iterator[Violation]:
    """A row that stands twice could be in training and test at once, and flatter the model."""
    repeated = table.duplicated(keep="first")
    if not repeated.any():
        return
    keys = pd.util.hash_pandas_object(table, index=False)
    first = {key: row for row, key in reversed(list(keys.items()))}
    for row in map(int, table.index[repeated]):
        message = f"row {row} repeats row {first[keys[row]]}"
        yield Violation(rule="duplicate", row=row, message=message)


def _check_amount(table: pd.DataFrame, spec: ModelSpec) -> Iterator[Violation]:
    target = spec.contract.target
    if len(table) < spec.min_rows:
        message = f"{len(table)} rows are too few; {spec.min_rows} are the least to train on"
        yield Violation(rule="rows", message=message)
    counts = table[target.name].value_counts()
    for label in target.labels:
        if (count := int(counts.get(label, 0))) < MIN_ROWS_PER_CLASS:
            message = f"{count} rows are {label}; each class needs at least {MIN_ROWS_PER_CLASS}"
            yield Violation(rule="classes", column=target.name, value=label, message=message)
