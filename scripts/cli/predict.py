"""`mlops predict`: ask the API, with rows from the command line, a CSV or a JSON file."""

import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.markup import escape
from rich.table import Table

from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console


def predict(
    file: Annotated[
        Path | None, typer.Argument(help="CSV or JSON file with rows; - reads JSON from standard input.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="The model; the stack's default otherwise.")
    ] = None,
    row: Annotated[str | None, typer.Option("--row", help="One row as a JSON object.")] = None,
    limit: Annotated[int, typer.Option(help="Take at most this many rows of the file.", min=1)] = 10_000,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Predict rows with the champion; a CSV may hold other columns too, such as the target."""
    url = Stack(stack).outputs["ApiUrl"]
    with httpx.Client(base_url=url, timeout=30) as api:
        rows = _rows(file, row, lambda: _columns(api, model))[:limit]
        answer = _call(api, "POST", f"/models/{model}/predict" if model else "/predict", {"rows": rows})
    if as_json:
        console.print_json(json.dumps(answer))
    else:
        console.print(_table(answer))


def _rows(file: Path | None, row: str | None, columns: Any) -> list[dict[str, Any]]:
    if (file is None) == (row is None):
        raise CommandError("Give either a FILE or --row, and not both.")
    if row is not None:
        return [_json(row, "--row")]
    assert file is not None
    if file.suffix == ".csv":
        return _csv_rows(file, columns())
    text = sys.stdin.read() if str(file) == "-" else _text(file)
    document = _json(text, str(file))
    if isinstance(document, dict):
        document = document.get("rows", [document])
    return list(document)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} can't be read: {error}") from error


def _json(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise CommandError(f"{source} isn't JSON: {error}") from error


def _csv_rows(file: Path, columns: dict[str, str]) -> list[dict[str, Any]]:
    """A CSV's cells as the contract's kinds have them; what isn't a number stays text, for the API to name."""
    reader = csv.DictReader(_text(file).splitlines())
    return [
        {name: _cell(value, columns[name]) for name, value in record.items() if name in columns} for record in reader
    ]


def _cell(value: str, kind: str) -> Any:
    if value == "":
        return None
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    if kind in ("number", "integer"):
        try:
            return int(value) if kind == "integer" else float(value)
        except ValueError:
            return value
    return value


def _columns(api: httpx.Client, model: str | None) -> dict[str, str]:
    name = model or _call(api, "GET", "/health")["default_model"]
    contract = _call(api, "GET", f"/models/{name}")["contract"]
    return {column["name"]: column["kind"] for column in contract["columns"]}


def _call(api: httpx.Client, method: str, path: str, body: Any = None) -> Any:
    try:
        response = api.request(method, path, json=body)
    except httpx.TransportError as error:
        raise CommandError(f"{api.base_url} doesn't answer: {error}") from error
    if response.is_success:
        return response.json()
    try:
        problem = response.json()
    except json.JSONDecodeError:
        problem = {}
    lines = [f"{response.status_code} {problem.get('title', response.reason_phrase)}: {problem.get('detail', '')}"]
    lines += [f"  {error.get('message', error)}" for error in problem.get("errors", [])]
    raise CommandError("\n".join(lines))


def _table(answer: dict[str, Any]) -> Table:
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title=f"{answer['model']} version {answer['version']}",
        title_justify="left",
    )
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
