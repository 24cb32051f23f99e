"""Each cell against its column's rules: kind, missing value, range, categories, labels."""

from collections.abc import Callable, Collection, Iterator
from itertools import repeat

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from mlops.artifact.inputs import date_from_days, datetime_from_days, time_from_hours
from mlops.contract import Column, Contract, Target
from mlops.data.findings import Finding, Rows
from mlops.data.kinds import MAX_NUMBER, Cells, read_column
from mlops.data.text import DECIMAL_COMMA, ENDLESS, shorten, trimmed_text
from mlops.errors.violations import Violation
from mlops.privacy import HIDDEN, is_public

MAX_WHOLE = 2.0**53
"""From here on floating point can't tell a whole number from the next one: such a column is a key, or a category."""

type Describe = Callable[[Rows], Iterator[Violation]]


def target_column(target: Target, missing: Collection[str] = ()) -> Column:
    """The target as a column: labels are categories, a regression's target is a number; rows without it are no fault.

    The texts in `missing` are missing values.
    """
    return Column(
        name=target.name,
        kind="category" if target.labels else "number",
        unit=target.unit,
        categories=target.labels,
        missing_values=tuple(missing),
        required=False,
    )


def check_cells(
    table: pyarrow.Table, contract: Contract, missing: Collection[str] = ()
) -> tuple[pd.DataFrame, list[Finding], Rows]:
    """The table's columns and target as the contract's kinds, every cell that breaks a rule, and the unlabelled rows.

    Those have no target, and are in no finding. The texts in `missing` are missing values of the target.
    """
    columns = [*contract.columns, target_column(contract.target, missing)]
    typed = {column.name: read_column(table[column.name], column) for column in columns}
    unlabelled = np.flatnonzero(typed[contract.target.name].missing)
    frame = pd.DataFrame({name: cells.values for name, cells in typed.items()}, copy=False)
    findings = [
        finding for column in columns for finding in _check_kind(column, typed[column.name], table[column.name])
    ]
    findings += _check_rules(frame, columns, table)
    return frame, [finding.outside(unlabelled) for finding in findings], unlabelled


def _check_kind(column: Column, cells: Cells, given: pyarrow.ChunkedArray) -> Iterator[Finding]:
    if column.required and cells.missing.any():
        yield Finding(np.flatnonzero(cells.missing), describe_cells(column, "missing", "is missing", None))
    rows = np.flatnonzero(cells.unreadable)
    if not len(rows):
        return
    endless = commas = np.zeros(len(rows), dtype=np.bool_)
    if column.kind in ("number", "integer"):
        text = trimmed_text(given.take(rows))
        endless = pc.match_substring_regex(text, ENDLESS).to_numpy()
        commas = pc.match_substring_regex(text, DECIMAL_COMMA).to_numpy()
    for these, rule, demand in (
        (rows[endless], "finite", f"must be a finite number, at most {MAX_NUMBER:.1e}"),
        (rows[commas], "type", f"must be {_noun(column)}, written with a decimal point instead of a comma"),
        (rows[~endless & ~commas], "type", f"must be {_noun(column)}"),
    ):
        if len(these):
            yield Finding(these, describe_cells(column, rule, demand, given))


def _noun(column: Column) -> str:
    """A kind with its article."""
    nouns = {"integer": "an integer", "boolean": "true or false", "date": "a date, YYYY-MM-DD"}
    nouns["datetime"] = "a date and time, YYYY-MM-DDTHH:MM:SS with or without a zone"
    nouns["time"] = "a time of day, HH:MM or HH:MM:SS"
    return nouns.get(column.kind, f"a {column.kind}")


def _check_rules(frame: pd.DataFrame, columns: list[Column], table: pyarrow.Table) -> Iterator[Finding]:
    """What pandera finds of the contract's ranges, categories and labels; each check's name is `rule: demand`."""
    schema = pa.DataFrameSchema({column.name: pa.Column(checks=_checks(column), nullable=True) for column in columns})
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        by_name = {column.name: column for column in columns}
        for error in errors.schema_errors:
            column = by_name[error.schema.name]
            rule, _, demand = error.check.error.partition(": ")
            rows: Rows = error.check_output.index[~error.check_output].to_numpy(np.intp)
            yield Finding(rows, describe_cells(column, rule, demand, table[column.name]))


def _checks(column: Column) -> list[pa.Check]:
    unit = f" {column.unit}" if column.unit else ""
    checks = []
    # pandera lists the failing cells of a check; one is enough, for which they are is in the check's output.
    if column.kind == "integer":
        whole = "type: must be a whole number"
        checks.append(pa.Check(lambda values: values % 1 == 0, error=whole, n_failure_cases=1))
        exact = f"type: must be a whole number below {MAX_WHOLE:,.0f}, or the column a key or a category"
        checks.append(pa.Check(lambda values: ~(values.abs() >= MAX_WHOLE), error=exact, n_failure_cases=1))
    if column.minimum is not None:
        least = f"minimum: must be at least {_shown(column.minimum, column)}{unit}"
        checks.append(pa.Check.ge(column.minimum, error=least, n_failure_cases=1))
    if column.maximum is not None:
        most = f"maximum: must be at most {_shown(column.maximum, column)}{unit}"
        checks.append(pa.Check.le(column.maximum, error=most, n_failure_cases=1))
    if column.categories:
        demand = f"category: must be one of {', '.join(column.categories)}"
        checks.append(pa.Check.isin(column.categories, error=demand, n_failure_cases=1))
    return checks


def _shown(bound: float, column: Column) -> str:
    if column.kind == "datetime":
        return datetime_from_days(bound).isoformat()
    if column.kind == "time":
        return time_from_hours(bound).isoformat()
    return str(date_from_days(bound)) if column.kind == "date" else f"{bound:g}"


def describe_cells(column: Column, rule: str, demand: str, given: pyarrow.ChunkedArray | None) -> Describe:
    """A function that describes how cells break a rule, with their text as given; a private one is hidden."""

    def describe(rows: Rows) -> Iterator[Violation]:
        values = repeat(HIDDEN)
        if given is not None and is_public(column):
            values = trimmed_text(given.take(rows)).to_pylist()
        for row, value in zip(rows.tolist(), values, strict=False):
            message = f"row {row}: {column.name} {demand}"
            if given is None:
                yield Violation(rule=rule, row=row, column=column.name, message=message)
            else:
                value = shorten(value)
                shown = f"{message}, not {value!r}"
                yield Violation(rule=rule, row=row, column=column.name, value=value, message=shown)

    return describe
