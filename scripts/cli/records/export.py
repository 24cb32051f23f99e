"""`mlops records export`: the records of a stretch of time, or what SQL makes of them, as a file."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.errors import CommandError
from cli.models.registered_model import ModelArgument
from cli.periods import FromOption, SinceOption, ToOption
from cli.records.files import FORMATS, check_format, write_file
from cli.records.partitions import write_partitions
from cli.records.stretch import VersionOption, find_records, open_tables
from cli.records.tables import print_json
from cli.stack import JsonOption, Stack, StackOption, console


def export(
    model: ModelArgument,
    file: Annotated[Path, typer.Argument(help=f"The file to write; its ending says how: {', '.join(FORMATS)}.")],
    partitioned: Annotated[
        bool, typer.Option("--partitioned", help="Write a new folder of Parquet in Hive partitions in place of a file.")
    ] = False,
    table: Annotated[
        Literal["predictions", "feedback", "truths"],
        typer.Option(help="What is exported: predictions, feedback, or the predictions that have a truth with it."),
    ] = "predictions",
    sql: Annotated[str | None, typer.Option("--sql", help="In place of a table: the result of this query.")] = None,
    version: VersionOption = None,
    since: SinceOption = "1d",
    start: FromOption = None,
    end: ToOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Write a model's records of a stretch of time to a CSV, JSON Lines or Parquet file, or to a folder of Parquet."""
    if partitioned and sql:
        raise CommandError("--partitioned takes a table, not --sql: partitions are those of the records' days.")
    if not partitioned:
        check_format(file)
    records = find_records(Stack(stack), model, version, since, start, end)
    with open_tables(records) as stretch:
        reader = stretch.stream(sql or f"FROM {table}")
        rows = write_partitions(reader, file, table, model) if partitioned else write_file(reader, file)
    if as_json:
        print_json({"file": str(file), "rows": rows})
    else:
        console.print(f"wrote {rows:,} rows to {file}", markup=False)
