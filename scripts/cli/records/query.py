"""`mlops records query`: SQL over the records of a stretch of time."""

from typing import Annotated

import typer

from cli.models.registered_model import ModelArgument
from cli.periods import FromOption, SinceOption, ToOption
from cli.records.stretch import VersionOption, find_records, open_tables
from cli.records.tables import make_table, print_json
from cli.stack import JsonOption, Stack, StackOption, console, progress_console


def query(
    model: ModelArgument,
    sql: Annotated[
        str,
        typer.Argument(
            help='DuckDB\'s SQL over the tables predictions, feedback and truths; inputs are inputs."mean radius".'
        ),
    ],
    limit: Annotated[int, typer.Option(help="Print at most this many rows.", min=1)] = 1_000,
    version: VersionOption = None,
    since: SinceOption = "1d",
    start: FromOption = None,
    end: ToOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Answer SQL over a model's records of a stretch of time: predictions, feedback, and truths next to predictions."""
    records = find_records(Stack(stack), model, version, since, start, end)
    with open_tables(records) as stretch:
        result = stretch.sql(sql)
    rows = result.slice(0, limit).to_pylist()
    if as_json:
        print_json(rows)
    else:
        console.print(make_table(result.column_names, rows))
    if result.num_rows > limit:
        progress_console.print(f"the first {limit:,} of {result.num_rows:,} rows; --limit shows more", style="dim")
