"""`mlops models diff-data`: how the datasets of two versions differ."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.registry import ModelArgument, open_model
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from mlops.registry.aliases import CHAMPION

if TYPE_CHECKING:
    from cli.models.shifts import DataDifference


def diff_data(
    model: ModelArgument,
    first: Annotated[str, typer.Argument(help="A version: its number, an alias, or latest.")] = CHAMPION,
    second: Annotated[str, typer.Argument(help="The version to compare it with.")] = "latest",
    limit: Annotated[int, typer.Option("--limit", help="List at most this many columns.", min=0)] = 12,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Rows and columns that came and went between the datasets of two versions, and columns whose values shifted."""
    # What reads datasets takes seconds to import: no other command shall wait for it.
    from cli.datasets import fetch, rows_of, spec_of
    from cli.models.shifts import compare_tables

    target = Stack(stack)
    found = open_model(target, model)
    manifests = found.find(first), found.find(second)
    with progress_console.status("comparing …"):
        specs = [spec_of(manifest) for manifest in manifests]
        tables = [
            rows_of(fetch(target, manifest), manifest.dataset.uri, spec)
            for manifest, spec in zip(manifests, specs, strict=True)
        ]
        versions = manifests[0].version, manifests[1].version
        difference = compare_tables(versions, (tables[0], tables[1]), (specs[0], specs[1]))
    if as_json:
        console.print_json(json.dumps({"model": model, **difference.to_dict()}))
    else:
        console.print(_describe(difference, limit))


def _describe(difference: "DataDifference", limit: int) -> Group:
    first, second = difference.versions
    title = Text(f"the datasets of version {first} and version {second}", style="bold")
    rows = (
        f"{difference.rows[0]:,} rows, then {difference.rows[1]:,}: "
        f"{difference.kept:,} kept, {difference.removed:,} removed, {difference.added:,} added"
    )
    parts: list[Any] = [title, rows]
    for what, names in (("removed", difference.columns_removed), ("added", difference.columns_added)):
        if names:
            parts.append(Text(f"columns {what}: {', '.join(names)}"))
    count = sum(shift.shifted for shift in difference.shifts)
    shown = f", the {limit} that shifted most:" if limit < len(difference.shifts) else ":"
    parts += ["", f"{count} of {len(difference.shifts)} columns shifted{shown}", ""]
    return Group(*parts, _shifts(difference, limit))


def _shifts(difference: "DataDifference", limit: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("column", no_wrap=True)
    for version in difference.versions:
        table.add_column(f"version {version}: median (quartiles), or shares", no_wrap=True)
    table.add_column("missing", justify="right", no_wrap=True)
    table.add_column("distance", justify="right")
    table.add_column("shifted", no_wrap=True)
    for shift in difference.shifts[:limit]:
        missing = f"{shift.missing_before:.1%} → {shift.missing_after:.1%}"
        shown = missing if shift.missing_before or shift.missing_after else ""
        verdict = Text(f"yes, p = {shift.p_value:.1g}", style="bold yellow") if shift.shifted else Text("no")
        table.add_row(
            Text(shift.column), escape(shift.before), escape(shift.after), shown, f"{shift.distance:.3f}", verdict
        )
    return table
