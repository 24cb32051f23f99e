"""`mlops models diff-data`: how the datasets of two versions differ."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.markup import escape
from rich.text import Text

from cli.models.formatting import format_number
from cli.models.registered_model import (
    LATEST,
    ModelArgument,
    SecondVersionArgument,
    VersionArgument,
    open_model,
)
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from cli.table import Table
from mlops.registry.aliases import CHAMPION

if TYPE_CHECKING:
    from mlops.data.difference import DatasetDifference, Shift, Summary


def diff_data(
    model: ModelArgument,
    first: VersionArgument = CHAMPION,
    second: SecondVersionArgument = LATEST,
    limit: Annotated[int, typer.Option("--limit", help="List at most this many columns.", min=0)] = 12,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """The datasets of two versions: rows and columns added, removed and changed, and columns whose values shifted."""
    # Slow to import: the other commands don't need it.
    with progress_console.status("loading …"):
        from mlops.training.trained_rows import TrainedRows, compare_trained_rows

    target = Stack(stack)
    found = open_model(target, model)
    manifests = found.find_table(first), found.find_table(second)
    with progress_console.status("comparing …"):
        difference = compare_trained_rows(*(TrainedRows.read(target.s3, manifest) for manifest in manifests))
    versions = manifests[0].version, manifests[1].version
    if as_json:
        shifts = [to_document(shift) for shift in difference.shifts]
        document = {"model": model, "versions": versions, **asdict(difference), "shifts": shifts}
        console.print_json(json.dumps(document))
    else:
        console.print(_describe(versions, difference, limit))


def to_document(shift: "Shift") -> dict[str, Any]:
    """The shift, ready for JSON."""
    summaries = {"before": summarise(shift.before), "after": summarise(shift.after)}
    return {**asdict(shift), **summaries, "shifted": shift.shifted}


def summarise(summary: "Summary") -> str:
    """The median with the quartiles, or the most common values with their shares."""
    from mlops.data.difference import Quartiles

    if isinstance(summary, Quartiles):
        low, median, high = map(format_number, (summary.low, summary.median, summary.high))
        return f"{median} ({low} to {high})"
    return ", ".join(f"{name} {share:.0%}" for name, share in summary.shares)


def _describe(versions: tuple[int, int], difference: "DatasetDifference", limit: int) -> Group:
    title = Text(f"the datasets of version {versions[0]} and version {versions[1]}", style="bold")
    changed = "" if difference.changed is None else f"{difference.changed:,} changed, "
    rows = (
        f"{difference.rows[0]:,} rows, then {difference.rows[1]:,}: "
        f"{difference.kept:,} kept, {changed}{difference.removed:,} removed, {difference.added:,} added"
    )
    parts: list[Any] = [title, rows]
    for what, names in (("removed", difference.columns_removed), ("added", difference.columns_added)):
        if names:
            parts.append(Text(f"columns {what}: {', '.join(names)}"))
    count = sum(shift.shifted for shift in difference.shifts)
    shown = f"; the {limit} that shifted most:" if limit < len(difference.shifts) else ":"
    parts += ["", f"{count} of {len(difference.shifts)} columns shifted{shown}", ""]
    return Group(*parts, _shifts(versions, difference, limit))


def _shifts(versions: tuple[int, int], difference: "DatasetDifference", limit: int) -> Table:
    table = Table()
    table.add_column("column", no_wrap=True)
    for version in versions:
        table.add_column(f"version {version}: median (quartiles), or shares")
    table.add_column("missing", justify="right", no_wrap=True, spare=True)
    table.add_column("distance", justify="right", spare=True)
    table.add_column("shifted", no_wrap=True)
    for shift in difference.shifts[:limit]:
        missing = f"{shift.missing_before:.1%} → {shift.missing_after:.1%}"
        shown = missing if shift.missing_before or shift.missing_after else ""
        result = Text(f"yes, p = {shift.p_value:.1g}", style="bold yellow") if shift.shifted else Text("no")
        table.add_row(
            Text(shift.column),
            escape(summarise(shift.before)),
            escape(summarise(shift.after)),
            shown,
            f"{shift.distance:.3f}",
            result,
        )
    return table
