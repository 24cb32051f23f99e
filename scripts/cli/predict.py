"""`mlops predict`: predictions of the API for rows of a file or of the command line."""

import json
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.markup import escape

from cli.api import call, connect
from cli.errors import CommandError
from cli.rows import Row, is_table, read_json, read_table, read_text
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table
from mlops.contract import Kind


def predict(
    file: Annotated[
        Path | None,
        typer.Argument(help="Rows in CSV, gzipped CSV, Parquet or JSON; - reads JSON from standard input."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="The model; the default model of the stack otherwise.")
    ] = None,
    row: Annotated[str | None, typer.Option("--row", help="One row as a JSON object.")] = None,
    limit: Annotated[int, typer.Option(help="Use at most this many rows of the file.", min=1)] = 10_000,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Predict rows with the champion. A table may have other columns too, such as the target."""
    given = _given(file, row)
    url = Stack(stack).outputs["ApiUrl"]
    with connect(url, 30) as api:
        rows = (read_table(given, _columns(api, model), limit) if isinstance(given, Path) else given)[:limit]
        answer = call(api, "POST", f"/models/{model}/predict" if model else "/predict", {"rows": rows})
    if as_json:
        console.print_json(json.dumps(answer))
    else:
        console.print(_table(answer))


def _given(file: Path | None, row: str | None) -> Path | list[Row]:
    """The file of a table, to be read once the model's columns are known, or rows. Raises CommandError."""
    if file is not None and row is None:
        return file if is_table(file) else read_json(read_text(file), str(file))
    if row is not None and file is None:
        return read_json(row, "--row")
    raise CommandError("Give either FILE or --row, not both.")


def _columns(api: httpx.Client, model: str | None) -> dict[str, Kind]:
    name = model or call(api, "GET", "/health")["default_model"]
    card = call(api, "GET", f"/models/{name}")
    if card["kind"] == "recommender":
        raise CommandError(f"{name} is a recommender; ask it with `scripts/mlops recommend USER --model {name}`.")
    contract = card["contract"]
    return {column["name"]: column["kind"] for column in contract["columns"]}


def _table(answer: dict[str, Any]) -> Table:
    table = Table(title=f"{answer['model']} version {answer['version']}")
    first = answer["predictions"][0]
    classes = list(first.get("probabilities", {}))
    table.add_column("label" if classes else "value")
    for name in classes:
        table.add_column(escape(f"p({name})"), justify="right")
    table.add_column("prediction id", style="dim")
    for prediction in answer["predictions"]:
        shown = prediction["label"] if classes else f"{prediction['value']:g}"
        chances = [f"{prediction['probabilities'][name]:.4f}" for name in classes]
        table.add_row(escape(shown), *chances, prediction["prediction_id"])
    return table
