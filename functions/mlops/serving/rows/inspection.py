"""What is wrong with the rows of a request that was refused, for an effort that is bounded whatever the rows are.

Names come before cells. The number of violations is exact, but for a body above its budget, of which only the start is
inspected, and for thousands of rows that lack most of their names: there it is the least that there are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Contract
from mlops.errors.serving import BodyTooLarge, InputRejected
from mlops.errors.violations import Violation
from mlops.serving.rows.cells import WRONG, Cells
from mlops.serving.rows.suggestions import Suggestions
from mlops.serving.rows.texts import shorten
from mlops.serving.violations import MAX_VIOLATIONS

_MAX_SUGGESTIONS = 3  # a request
_MAX_INSPECTED = 1_000_000  # cells; only rows that lack most of their names could have more in one body

type Row = dict[str, Any]
type Refusal = BodyTooLarge | InputRejected

_ABSENT = object()


@dataclass(slots=True)
class _Found:
    """Violations as places, `(row, position in the row)`, and what is wrong there; the first ones, and how many."""

    total: int = 0
    places: list[tuple[int, int, str, Any]] = field(default_factory=list)


class Inspector:
    """Names the violations of rows that don't keep a contract."""

    def __init__(self, contract: Contract, max_rows: int) -> None:
        self._max_rows = max_rows
        self._cells = {column.name: Cells(column) for column in contract.columns}
        self._order = {name: place for place, name in enumerate(contract.names)}
        self._required = frozenset(column.name for column in contract.columns if column.required)
        self._suggestions: Suggestions | None = None

    def inspect_body(self, document: Any, *, is_cut: bool = False) -> Refusal | None:
        """What is wrong with `{"rows": [{column: cell, …}, …]}`, or None; `is_cut` if its last row may go on."""
        if not isinstance(document, dict):
            return _refuse(Violation(rule="type", message='the body must be an object: {"rows": [{…}, …]}'))
        unknown = [name for name in islice(document, MAX_VIOLATIONS + 1) if name != "rows"]
        around = [
            Violation(rule="unknown", message=f"the body has only 'rows', not {shorten(name)!r}") for name in unknown
        ]
        others = len(document) - ("rows" in document)
        rows = document.get("rows", _ABSENT)
        if not isinstance(rows, list) or not rows:
            rule, message = _describe_rows(rows)
            around.append(Violation(rule=rule, message=message))
            return InputRejected(around[:MAX_VIOLATIONS], total=others + 1)
        return self.inspect_rows(rows, is_cut=is_cut, around=around, others=others)

    def inspect_rows(
        self, rows: Sequence[Any], *, is_cut: bool = False, around: Sequence[Violation] = (), others: int = 0
    ) -> Refusal | None:
        """What is wrong with rows that should be objects, or None.

        `around` are the first of the `others` violations that stand around the rows.
        """
        if len(rows) > self._max_rows:
            return BodyTooLarge("rows", self._max_rows)
        if not rows:
            return _refuse(Violation(rule="empty", message="there are no rows: there must be at least one row"))
        found = self._inspect_names(rows, is_cut=is_cut)
        self._inspect_cells(rows[: 1 + _MAX_INSPECTED // len(self._cells)], found)
        return self._reject(found, around, others) if found.total or others else None

    def inspect_cells(self, names: Sequence[str], rows: Mapping[int, Sequence[Any]]) -> InputRejected:
        """What is wrong with some of a table's rows, by their number."""
        numbers, found = [*rows], _Found()
        for name, cells in zip(names, zip(*rows.values(), strict=True), strict=True):
            self._add(found, name, [(numbers[place], cell) for place, cell in self._find_wrong(name, cells)])
        return self._reject(found)

    def read_columns(self, columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> list[Row]:
        """The rows of columns of one length whose names are right, NaN where missing.

        Raises BodyTooLarge or InputRejected.
        """
        count = len(next(iter(columns.values()), ()))
        if count > self._max_rows:
            raise BodyTooLarge("rows", self._max_rows, count)
        if not count:
            raise _refuse(Violation(rule="empty", message="there are no rows: there must be at least one row"))
        found = _Found()
        read: dict[str, Sequence[Any] | NDArray[Any]] = {}
        for name in sorted(columns, key=self._order.__getitem__):
            given = columns[name]
            if isinstance(given, np.ndarray) and self._cells[name].are_kept_by(given):
                read[name] = given.astype(np.float64, copy=False)
                continue
            cells = given.tolist() if isinstance(given, np.ndarray) else given
            cells = [None if cell != cell else cell for cell in cells]
            read[name] = self._cells[name].check(cells)
            if WRONG in read[name]:
                self._add(found, name, [*_pick_wrong(range(count), cells, read[name])])
        if found.total:
            raise self._reject(found)
        lists = [cells.tolist() if isinstance(cells, np.ndarray) else cells for cells in read.values()]
        return [dict(zip(read, cells, strict=True)) for cells in zip(*lists, strict=True)]

    def _add(self, found: _Found, name: str, wrong: Sequence[tuple[int, Any]]) -> None:
        found.total += len(wrong)
        found.places += [(row, self._order[name], name, cell) for row, cell in wrong[:MAX_VIOLATIONS]]

    def _reject(self, found: _Found, around: Sequence[Violation] = (), others: int = 0) -> InputRejected:
        places = sorted(found.places, key=itemgetter(0, 1))[:MAX_VIOLATIONS]
        violations = [*around, *self._describe(places)]
        return InputRejected(violations[:MAX_VIOLATIONS], total=others + found.total)

    def check_names(self, names: Iterable[str]) -> None:
        """Raise InputRejected if the names that head a table aren't those of the contract's columns.

        So a column's violation is listed once, not once for each row.
        """
        given = Counter(iter(names))
        twice = [name for name, count in given.items() if count > 1]
        unknown = [name for name in given if name not in self._cells]
        missing = [name for name in self._order if name in self._required and name not in given]
        if not (twice or unknown or missing):
            return
        violations = [
            *(_name_violation("twice", name, "stands twice") for name in twice[:MAX_VIOLATIONS]),
            *self._describe_unknown((None, name) for name in unknown[:MAX_VIOLATIONS]),
            *(_name_violation("missing", name, "is missing") for name in missing[:MAX_VIOLATIONS]),
        ]
        raise InputRejected(violations[:MAX_VIOLATIONS], total=len(twice) + len(unknown) + len(missing))

    def _inspect_names(self, rows: Sequence[Any], *, is_cut: bool) -> _Found:
        """Rows that aren't objects, missing names and unknown ones."""
        found = _Found()
        known, required, width = self._cells.keys(), self._required, len(self._cells)
        last = len(rows) - 1 if is_cut else -1
        for number, row in enumerate(rows):
            if type(row) is not dict:
                faults = 1
            else:
                count = sum(map(known.__contains__, row))
                if count == len(row) == width:
                    continue
                absent = 0 if number == last else len(required) - sum(map(required.__contains__, row))
                faults = len(row) - count + absent
            if faults and len(found.places) < MAX_VIOLATIONS:
                found.places += islice(self._find_names(number, row, is_last=number == last), MAX_VIOLATIONS)
            found.total += faults
        return found

    def _find_names(self, number: int, row: Any, *, is_last: bool) -> Iterator[tuple[int, int, str, Any]]:
        if type(row) is not dict:
            yield number, 0, "", _NO_OBJECT
            return
        if not is_last:
            for name, place in self._order.items():
                if name in self._required and name not in row:
                    yield number, place, name, _ABSENT
        for name in row:
            if name not in self._cells:
                yield number, len(self._order), name, _UNKNOWN

    def _inspect_cells(self, rows: Sequence[Any], found: _Found) -> None:
        """Add the cells of objects that are wrong."""
        objects = rows if set(map(type, rows)) == {dict} else [row if type(row) is dict else {} for row in rows]
        for name in self._cells:
            cells = [row.get(name, _ABSENT) for row in objects]
            numbers: Sequence[int] = range(len(cells))
            if _ABSENT in cells:
                numbers = [number for number in numbers if cells[number] is not _ABSENT]
                cells = [cells[number] for number in numbers]
            self._add(found, name, [(numbers[place], cell) for place, cell in self._find_wrong(name, cells)])

    def _find_wrong(self, name: str, cells: Sequence[Any]) -> list[tuple[int, Any]]:
        """The places of a column's wrong cells, and the cells."""
        read = self._cells[name].check(cells)
        return [*_pick_wrong(range(len(cells)), cells, read)] if WRONG in read else []

    def _describe(self, places: Iterable[tuple[int, int, str, Any]]) -> Iterator[Violation]:
        left = _MAX_SUGGESTIONS
        for row, _, name, cell in places:
            if cell is _NO_OBJECT:
                yield Violation(rule="type", row=row, message="a row must be an object: {column: value, …}")
            elif cell is _ABSENT:
                yield _name_violation("missing", name, "is missing", row)
            elif cell is _UNKNOWN:
                yield self._unknown(name, row, may_suggest=left > 0)
                left -= 1
            else:
                yield self._cells[name].describe(row, cell)

    def _describe_unknown(self, names: Iterable[tuple[int | None, str]]) -> Iterator[Violation]:
        for count, (row, name) in enumerate(names):
            yield self._unknown(name, row, may_suggest=count < _MAX_SUGGESTIONS)

    def _unknown(self, name: str, row: int | None, *, may_suggest: bool) -> Violation:
        if self._suggestions is None:
            self._suggestions = Suggestions(self._cells)
        near = self._suggestions.closest(name) if may_suggest else None
        hint = f"; did you mean {near!r}?" if near else ""
        shown = shorten(name)
        return Violation(rule="unknown", row=row, column=shown, message=f"the model has no column {shown!r}{hint}")


_NO_OBJECT = object()
_UNKNOWN = object()


def _pick_wrong(places: Iterable[int], cells: Iterable[Any], read: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    return ((place, cell) for place, cell, after in zip(places, cells, read, strict=True) if after is WRONG)


def _refuse(violation: Violation) -> InputRejected:
    return InputRejected([violation])


def _describe_rows(rows: Any) -> tuple[str, str]:
    """The rule that `rows` breaks, and what it requires."""
    if rows is _ABSENT:
        return "missing", "the body must have 'rows', a list of rows"
    if rows == []:
        return "empty", "there are no rows: there must be at least one row"
    return "type", "'rows' must be a list of rows"


def _name_violation(rule: str, name: str, requirement: str, row: int | None = None) -> Violation:
    shown = shorten(name)
    return Violation(rule=rule, row=row, column=shown, message=f"{shown} {requirement}")
