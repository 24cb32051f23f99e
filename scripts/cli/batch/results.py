"""`mlops batch results`: what a batch did, its answers on this machine, or the first of them."""

import json
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.batch.executions import open_batches
from cli.batch.manifest import print_manifest
from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table


def results(
    name: Annotated[str, typer.Argument(help="The batch.")],
    folder: Annotated[Path | None, typer.Option("--to", help="Fetch the answers to this folder.")] = None,
    limit: Annotated[int, typer.Option(help="Show at most this many answers.", min=0)] = 5,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """The manifest of a batch that succeeded and its first answers; with --to all of them as files."""
    target = Stack(stack)
    batches = open_batches(target)
    batch = batches.find(name)
    manifest = batches.manifest(batch, batches.plan_of(batch))
    fetched = _fetch(target, manifest, folder) if folder else []
    if as_json:
        console.print_json(json.dumps({"batch": name, **manifest, "fetched": [str(each) for each in fetched]}))
        return
    print_manifest(manifest)
    if limit and manifest["parts"] and manifest["request"]["format"] == "parquet":
        console.print(_table(_first(target, manifest, limit)))
    if folder:
        console.print(f"fetched {len(fetched):,} files to {folder}", markup=False)


def _split(manifest: dict[str, Any]) -> tuple[str, str]:
    bucket, _, prefix = manifest["output"].removeprefix("s3://").partition("/")
    return bucket, prefix


def _fetch(target: Stack, manifest: dict[str, Any], folder: Path) -> list[Path]:
    bucket, prefix = _split(manifest)
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / part["name"] for part in manifest["parts"]]
    if there := [file.name for file in files if file.exists()]:
        raise CommandError(f"{folder} has {there[0]} already; name another folder.")
    for file in files:
        target.s3.download_file(bucket, prefix + file.name, str(file))
    return files


def _first(target: Stack, manifest: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    """The first answers, with the columns that a person looks for."""
    import pyarrow.parquet as pq

    bucket, prefix = _split(manifest)
    content = target.s3.get_object(Bucket=bucket, Key=prefix + manifest["parts"][0]["name"])["Body"].read()
    table = pq.read_table(BytesIO(content)).slice(0, limit)
    columns = ["row", *manifest["key"], "label", "probability", "value", "prediction_id"]
    rows: list[dict[str, Any]] = table.select([each for each in columns if each in table.column_names]).to_pylist()
    return rows


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table()
    for column in rows[0]:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(f"{cell:g}" if isinstance(cell, float) else str(cell)) for cell in row.values()))
    return table
