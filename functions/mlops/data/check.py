"""A table of cells → typed rows that keep the contract, or the list of everything that breaks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops.data.cells import check_cells, target_column
from mlops.data.duplicates import REPEATED, check_duplicates
from mlops.data.findings import Rejected, broken_rows, gather, without
from mlops.data.leakage import check_leakage
from mlops.data.text import can_be
from mlops.errors.data import DatasetRejected
from mlops.errors.violations import Violation, group_violations
from mlops.privacy import private_columns
from mlops.spec import ModelSpec

MIN_ROWS_PER_CLASS = 10
REMEDY = 'repeats="keep" in the spec keeps such rows; with key=("column",) rows with different keys are different'


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A dataset that can be trained on: the rows that keep the contract, and what was left out.

    `unlabelled` rows have no target, which is no fault of a dataset: they are left out, and counted.

    `rows` has the contract's columns and the target: numbers, booleans and dates as float64 (NaN where missing),
    categories and labels as text; its index is the rows' positions in the file, from 0.
    """

    rows: pd.DataFrame
    rejected: Rejected
    unlabelled: int = 0


def check(table: pa.Table, spec: ModelSpec) -> Checked:
    """The rows to train on, without those that break the contract if they're few enough for the spec.

    Raises DatasetRejected with all violations.
    """
    violations = list(_check_columns(table, spec))
    if violations:
        raise DatasetRejected(f"the columns don't match the contract: {violations[0].message}", violations)
    rows, findings, unlabelled = check_cells(table, spec.contract, spec.missing_values)
    broken = np.union1d(broken_rows(findings), unlabelled)
    # Cells that couldn't be read are equal in the table, and may differ in the file.
    findings += check_duplicates(table, without(rows, broken), spec)
    rejected = gather(findings)
    labelled = len(rows) - len(unlabelled)
    if len(rejected.rows) > spec.max_rejected * labelled:
        raise _too_many(rejected, labelled, spec)
    rows = without(rows, np.union1d(rejected.rows, unlabelled))
    violations = list(_check_amount(rows, spec, len(unlabelled)))
    if violations:
        listed = [*violations, *rejected.violations]
        total = len(violations) + rejected.total
        groups = (*group_violations(violations), *rejected.groups)
        raise DatasetRejected(f"there is too little data: {violations[0].message}", listed, total, groups)
    violations = check_leakage(rows, spec)
    if violations:
        raise DatasetRejected(f"a column gives the answer away: {violations[0].message}", violations)
    return Checked(rows=rows, rejected=rejected, unlabelled=len(unlabelled))


def _too_many(rejected: Rejected, rows: int, spec: ModelSpec) -> DatasetRejected:
    """The refusal with what is broken most often, and the lines of the spec that decide on it."""
    share = f"{len(rejected.rows):,} of {rows:,} rows break the contract"
    allowed = f", and max_rejected={spec.max_rejected:g} in the spec is the share that may"
    first = rejected.violations[0]
    remedy = f" ({REMEDY})" if first.rule in REPEATED else ""
    return DatasetRejected(
        f"{share}{allowed}: {first.message}{remedy}", rejected.violations, rejected.total, rejected.groups
    )


def _check_columns(table: pa.Table, spec: ModelSpec) -> Iterator[Violation]:
    contract = spec.contract
    given = table.column_names
    wanted = [*dict.fromkeys([*contract.names, contract.target.name, *spec.extra_columns])]
    extra = [name for name in given if name not in wanted and name not in spec.ignored]
    if not set(wanted) & set(given):
        # The names would be the first row's values, which may be private.
        message = f"none of the contract's columns is in the first line; it must be a header: {', '.join(wanted)}"
        yield Violation(rule="header", message=message)
        return
    # A name that the spec doesn't know may be a cell of a first line that isn't a header, so with private columns
    # unknown names are reported by position.
    is_private = bool(private_columns(contract))
    for name in wanted:
        if name not in given:
            near = [] if is_private else get_close_matches(name, extra, n=1)
            hint = f"; was it renamed to {near[0]!r}?" if near else ""
            yield Violation(rule="missing", column=name, message=f"column {name!r} is missing{hint}")
    for name in extra:
        if is_private:
            place = given.index(name) + 1
            yield Violation(rule="unknown", message=f"column {place} of the file is none of the contract's")
        else:
            yield Violation(rule="unknown", column=name, message=f"the contract has no column {name!r}")
    for column in (*contract.columns, target_column(contract.target)):
        if column.name in given and not can_be(table[column.name], column.kind):
            given_type = table[column.name].type
            message = f"column {column.name!r} must be of kind {column.kind}, and the file has it as {given_type}"
            yield Violation(rule="type", column=column.name, message=message)


def _check_amount(rows: pd.DataFrame, spec: ModelSpec, unlabelled: int) -> Iterator[Violation]:
    target = spec.contract.target
    if len(rows) < spec.min_rows:
        without = f" with a {target.name} ({unlabelled:,} have none)" if unlabelled else ""
        message = f"there are {len(rows)} rows{without}; training needs at least {spec.min_rows}, the spec's min_rows"
        yield Violation(rule="rows", message=message)
    counts = rows[target.name].value_counts()
    for label in target.labels:
        if (count := int(counts.get(label, 0))) < MIN_ROWS_PER_CLASS:
            rows_are = "row is" if count == 1 else "rows are"
            message = (
                f"{count} {rows_are} {label}; each class needs at least {MIN_ROWS_PER_CLASS}: "
                "add rows, or join it with another class"
            )
            yield Violation(rule="classes", column=target.name, value=label, message=message)
    if not target.labels and len(counts) == 1:
        message = f"{target.name} is the same in every row; there is nothing to predict"
        yield Violation(rule="constant", column=target.name, message=message)
