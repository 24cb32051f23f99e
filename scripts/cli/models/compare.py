"""`mlops models compare`: two versions on the same rows, which neither was trained on."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.errors import CommandError
from cli.models.figures import write_estimate, write_figure
from cli.registry import ModelArgument, open_model
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from mlops.registry.aliases import CHAMPION

if TYPE_CHECKING:
    from cli.models.duel import Duel


def compare_versions(
    model: ModelArgument,
    first: Annotated[str, typer.Argument(help="A version: its number, an alias, or latest.")] = CHAMPION,
    second: Annotated[str, typer.Argument(help="The version to compare it with.")] = "latest",
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Compare on these rows, not on the second's dataset.", exists=True, dir_okay=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="List at most this many changed rows.", min=0)] = 10,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Metrics with their intervals side by side, and the rows whose answer changed.

    Both versions answer the rows of the second's dataset that neither was trained on.
    """
    # What trains takes seconds to import: no other command shall wait for it.
    from cli.datasets import fetch, rows_of, spec_of
    from cli.models.duel import fight

    target = Stack(stack)
    found = open_model(target, model)
    manifests = found.find(first), found.find(second)
    if manifests[0].version == manifests[1].version:
        raise CommandError(f"{first} and {second} are the same: version {manifests[0].version}.")
    with progress_console.status("comparing …"):
        spec = spec_of(manifests[1])
        content = data.read_bytes() if data else fetch(target, manifests[1])
        name = str(data) if data else manifests[1].dataset.uri
        duel = fight(found, manifests, rows_of(content, name, spec), name, spec)
    if as_json:
        console.print_json(json.dumps({"model": model, **duel.to_dict(limit)}))
    else:
        console.print(_describe(duel, limit))


def _describe(duel: "Duel", limit: int) -> Group:
    first, second = duel.versions
    title = Text(f"version {first} and version {second} on {duel.rows:,} rows that neither was trained on", "bold")
    parts: list[Any] = [title, Text(duel.dataset, style="dim"), "", _metrics(duel), ""]
    if duel.gained is None:
        parts.append(f"{len(duel.changed):,} rows have another value" + (", the largest changes:" if limit else ""))
    else:
        turned = f"{duel.gained} became right, {duel.lost} became wrong"
        parts.append(f"{len(duel.changed):,} rows have another answer: {turned}")
    if duel.changed and limit:
        parts += ["", _rows(duel, limit)]
    return Group(*parts)


def _metrics(duel: "Duel") -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("metric")
    for version in duel.versions:
        table.add_column(f"version {version} (interval)", justify="right", no_wrap=True)
    table.add_column("gain (interval)", justify="right", no_wrap=True)
    table.add_column("verdict")
    styles = {"better": "green", "worse": "bold red"}
    for name, before in duel.estimates[0].items():
        cells = [write_estimate(before), write_estimate(duel.estimates[1][name])]
        difference = duel.differences.get(name)
        if difference is None:
            table.add_row(name, *cells, "", "")
            continue
        gain = f"{_signed(difference.difference)} ({_signed(difference.low)} to {_signed(difference.high)})"
        table.add_row(name, *cells, gain, Text(difference.verdict, style=styles.get(difference.verdict, "")))
    return table


def _rows(duel: "Duel", limit: int) -> Table:
    first, second = duel.versions
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("row", "truth", f"version {first}", f"version {second}"):
        table.add_column(column, justify="right" if column == "row" else "left", no_wrap=True)
    for row in duel.changed[:limit]:
        cells = (_answer(row.first, row.first_certainty), _answer(row.second, row.second_certainty))
        table.add_row(f"{row.row:,}", _answer(row.truth, None), *cells)
    return table


def _answer(answer: str | float, certainty: float | None) -> str:
    text = escape(answer) if isinstance(answer, str) else write_figure(answer)
    return text if certainty is None else f"{text} ({certainty:.3f})"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{write_figure(value)}"
