"""Tables stay readable on a narrow screen."""

import io

import pytest
from rich.text import Text

from cli.console import Console
from cli.table import Table


def show(table: Table, width: int) -> list[str]:
    written = io.StringIO()
    Console(file=written, width=width, soft_wrap=True, highlight=False).print(table)
    return [line.rstrip() for line in written.getvalue().splitlines()]


def versions() -> Table:
    table = Table()
    table.add_column("model", no_wrap=True)
    table.add_column("accuracy", justify="right", spare=True)
    table.add_column("dataset", spare=True)
    table.add_column("created", no_wrap=True)
    table.add_row("diagnosis", "0.9648", "7e115a87", "2026-11-30 04:30")
    table.add_row("churn", "0.8", "0c2", "2026-11-29 17:00")
    return table


def test_a_table_that_fits_is_shown_as_it_is() -> None:
    assert show(versions(), 80) == [
        "model      accuracy  dataset   created",
        "diagnosis    0.9648  7e115a87  2026-11-30 04:30",
        "churn           0.8  0c2       2026-11-29 17:00",
    ]


@pytest.mark.parametrize(("width", "left", "out"), [(46, {"accuracy"}, "dataset"), (36, set(), "accuracy, dataset")])
def test_spare_columns_are_left_out_last_first_and_named(width: int, left: set[str], out: str) -> None:
    head, first, second, *note = show(versions(), width)
    assert {*head.split()} == {"model", "created", *left}
    assert first.startswith("diagnosis")
    assert second.endswith("2026-11-29 17:00")
    assert " ".join(note) == f"(a wider screen shows: {out})"


def test_rows_of_a_table_that_fits_in_no_way_are_listed() -> None:
    assert show(versions(), 26) == [
        "model     diagnosis",
        "accuracy  0.9648",
        "dataset   7e115a87",
        "created   2026-11-30 04:30",
        "",
        "model     churn",
        "accuracy  0.8",
        "dataset   0c2",
        "created   2026-11-29 17:00",
    ]


@pytest.mark.parametrize("width", [240, 100, 80, 60, 40])
def test_no_name_and_no_word_is_lost_at_any_width(width: int) -> None:
    table = Table()
    headings = ["metric", "version 1 (interval)", "version 2 (interval)", "gain (interval)", "result"]
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("metric", "result") else "right")
    cells = [
        "calibration_error",
        "0.0187 (0.0120 to 0.0300)",
        "0.0186",
        "+0.0001 (-0.0011 to +0.0012)",
        "no difference",
    ]
    table.add_row(*cells)
    lines = show(table, width)
    assert max(map(len, lines)) <= width
    assert sorted(" ".join(lines).split()) == sorted(" ".join([*headings, *cells]).split())


def test_control_characters_of_a_text_are_shown_as_text() -> None:
    table = Table()
    table.add_column("why")
    table.add_row(Text("\x1b[2Jcleared", style="red"))
    assert show(table, 80) == ["why", "\\x1b[2Jcleared"]
