"""The tables of the command line, which stay readable on a narrow screen."""

from copy import copy
from dataclasses import replace
from typing import Any

import rich.table
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Column
from rich.text import Text

from cli.console import visible

# Texts up to this long stay on one line; longer ones may be broken into lines, of at least so many characters.
_LINE, _LEAST = 20, 15
_GAP = 2


class Table(rich.table.Table):
    """A table without lines.

    Where it's wider than the screen it breaks long texts into lines, then leaves out the columns that were added as
    `spare`, the last one first, and says so; and if that isn't enough, each row becomes a list of names and values.
    """

    def __init__(self, **options: Any) -> None:
        options = {"box": None, "header_style": "bold", "pad_edge": False, "title_justify": "left", **options}
        super().__init__(**options)
        self._spare: list[Column] = []

    def add_column(self, header: RenderableType = "", *, spare: bool = False, **options: Any) -> None:  # type: ignore[override]
        """Add a column, as Rich does; a `spare` one is left out where there's no room for it."""
        super().add_column(header, **{"overflow": "fold", **options})
        if spare:
            self._spare.append(self.columns[-1])

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """Add a row, as Rich does. Control characters of texts are shown, like those of strings (console.py)."""
        super().add_row(*(_without_controls(cell) for cell in cells), **options)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, or its rows one below the other."""
        columns, dropped = list(self.columns), [*self._spare]
        left_out: list[str] = []
        while dropped and _width(columns, console, options) > options.max_width:
            column = dropped.pop()
            columns.remove(column)
            left_out.append(str(column.header))
        if _width(columns, console, options) > options.max_width:
            yield from _list_rows(self.columns, self.title)
            return
        shown = copy(self)
        shown.columns = [
            replace(column, _index=index, no_wrap=column.no_wrap or _natural(column, console, options) <= _LINE)
            for index, column in enumerate(columns)
        ]
        yield from rich.table.Table.__rich_console__(shown, console, options)
        if left_out:
            names = ", ".join(reversed(left_out))
            yield Text(f"(a wider screen shows: {names})", style="dim", no_wrap=False, overflow="fold")


def _without_controls(cell: RenderableType | None) -> RenderableType | None:
    if not isinstance(cell, Text) or visible(cell.plain) == cell.plain:
        return cell
    return Text(visible(cell.plain), style=cell.style)


def _width(columns: list[Column], console: Console, options: ConsoleOptions) -> int:
    """The least width of a table of these columns."""
    widths = [(_natural(column, console, options), column) for column in columns]
    least = (natural if column.no_wrap or natural <= _LINE else _LEAST for natural, column in widths)
    return sum(least) + _GAP * (len(columns) - 1)


def _natural(column: Column, console: Console, options: ConsoleOptions) -> int:
    """The width of a column's longest line."""
    wide = options.update(width=100_000)
    return max(Measurement.get(console, wide, cell).maximum for cell in (column.header, *column.cells))


def _list_rows(columns: list[Column], title: RenderableType | None) -> RenderResult:
    if title:
        yield title
    for number, cells in enumerate(zip(*(column.cells for column in columns), strict=True)):
        if number:
            yield ""
        row = rich.table.Table.grid(padding=(0, _GAP, 0, 0))
        row.add_column(style="dim", no_wrap=True)
        row.add_column(overflow="fold")
        for column, cell in zip(columns, cells, strict=True):
            row.add_row(column.header, cell)
        yield row
