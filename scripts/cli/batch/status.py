"""`mlops batch status`: the last batches, or how far one is."""

import json
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.batch.executions import open_batches
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table
from mlops.operations.batches import Batch, describe_counts

_COLUMNS = ("batch", "status", "started", "input")


def status(
    name: Annotated[str | None, typer.Argument(help="The batch; the last ones otherwise.")] = None,
    limit: Annotated[int, typer.Option(help="List at most this many.", min=1, max=1000)] = 20,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """What batches there are, or one batch's chunks, and why it failed."""
    batches = open_batches(Stack(stack))
    if name is None:
        found = [_row(batch) for batch in batches.last(limit)]
        if as_json:
            console.print_json(json.dumps(found))
        else:
            console.print(_table(found))
        return
    batch = batches.find(name)
    planned, counts = batches.plan_of(batch), batches.count_chunks(batch)
    failures = batches.failures(planned)
    document = {**_row(batch), "reason": batch.reason, "failures": failures, "plan": planned, "chunks": counts}
    if as_json:
        console.print_json(json.dumps(document))
        return
    console.print(_table([_row(batch)]))
    if planned:
        console.print(f"run {planned['run']}, version {planned['version']}, {planned['chunks']:,} chunks", markup=False)
    if counts:
        console.print(describe_counts(counts), markup=False)
    for reason in [*([batch.reason] if batch.reason else []), *failures]:
        console.print(reason, markup=False)


def _row(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.name,
        "status": batch.status,
        "started": batch.started.isoformat(timespec="seconds"),
        "input": batch.request.get("input"),
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table()
    for column in _COLUMNS:
        table.add_column(column, no_wrap=column != "input")
    for row in rows:
        started = f"{datetime.fromisoformat(row['started']):%Y-%m-%d %H:%M}"
        table.add_row(*(Text(str({**row, "started": started}[column])) for column in _COLUMNS))
    return table
