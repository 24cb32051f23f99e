"""`mlops logs`: query the stack's logs by CloudWatch Logs Insights, by a named query or an ad-hoc one.

`mlops logs prediction ID` finds one prediction (prediction.py).
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.errors import CommandError
from cli.insights import run_query
from cli.periods import SinceOption, parse_duration
from cli.prediction import print_prediction
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from cli.table import Table
from mlops.insights import Row

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import QueryDefinitionTypeDef

PREDICTION = "prediction"
_GROUPS = ("api", "train", "ingest", "monitor", "batch")


def logs(
    name: Annotated[
        str | None,
        typer.Argument(help="A named query of the stack, or `prediction` with an ID; without one, they are listed."),
    ] = None,
    prediction_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="With `prediction`: the id of the one to find.")
    ] = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="A Logs Insights query.")] = None,
    group: Annotated[
        str, typer.Option(help=f"The log groups that --query reads: {', '.join(_GROUPS)} or all.")
    ] = "all",
    since: SinceOption = "1h",
    limit: Annotated[int, typer.Option(help="Return at most this many rows.", min=1, max=10_000)] = 1_000,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Query the logs by CloudWatch Logs Insights: a named query of the stack, or any other by --query.

    `logs prediction ID` finds one prediction's record, in the records bucket or, until it's there, in the log.
    """
    if (name == PREDICTION) != (prediction_id is not None):
        raise CommandError("Write `logs prediction ID` to find one prediction; no other query takes a second word.")
    if prediction_id is not None:
        print_prediction(Stack(stack), prediction_id, as_json)
        return
    seconds = parse_duration(since)
    if name and query:
        raise CommandError("Give either a named query or --query, not both.")
    target = Stack(stack)
    named = _named(target)
    if not name and not query:
        _list(named, as_json)
        return
    if name:
        if name not in named:
            raise CommandError(f"There is no query named {name!r}; choose one of: {', '.join(sorted(named)) or 'none'}")
        text, groups = named[name]["queryString"], named[name]["logGroupNames"]
    else:
        text, groups = query or "", _groups(target, group)
    with progress_console.status("querying …"):
        rows = run_query(target, text, groups, seconds, limit)
    if as_json:
        console.print_json(json.dumps(rows))
    elif rows:
        console.print(_table(rows))
    else:
        console.print(f"no results in the last {since}")


def _named(target: Stack) -> "dict[str, QueryDefinitionTypeDef]":
    """The stack's query definitions, by their name without the prefix `<stack>/`."""
    prefix = f"{target.name}/"
    found = target.logs.describe_query_definitions(queryDefinitionNamePrefix=prefix)["queryDefinitions"]
    return {definition["name"].removeprefix(prefix): definition for definition in found}


def _list(named: "Mapping[str, QueryDefinitionTypeDef]", as_json: bool) -> None:
    texts = {name: named[name]["queryString"] for name in sorted(named)}
    if as_json:
        console.print_json(json.dumps(texts))
        return
    for name, text in texts.items():
        console.print(f"[bold]{name}[/]")
        console.print("\n".join(f"  {line}" for line in text.splitlines()), markup=False, style="dim")


def _groups(target: Stack, group: str) -> list[str]:
    groups = {name: [target.outputs[f"{name.capitalize()}LogGroup"]] for name in _GROUPS}
    groups["all"] = [group for found in groups.values() for group in found]
    if group not in groups:
        raise CommandError(f"--group is {group!r}; it must be one of {', '.join(groups)}")
    return groups[group]


def _table(rows: list[Row]) -> Table:
    table = Table()
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        table.add_column(escape(name), overflow="fold", no_wrap=name == "@timestamp")
    for row in rows:
        table.add_row(*(escape(row.get(name, "")) for name in names))
    return table
