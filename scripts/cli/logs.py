"""`mlops logs`: query the stack's logs by CloudWatch Logs Insights, by a named query or an ad-hoc one."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cli.errors import CommandError
from cli.insights import Row, run_query
from cli.stack import JsonOption, Stack, StackOption, console, progress_console

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import QueryDefinitionTypeDef

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def logs(
    name: Annotated[
        str | None, typer.Argument(help="A named query of the stack; without one, they are listed.")
    ] = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="A Logs Insights query.")] = None,
    group: Annotated[str, typer.Option(help="The log groups that --query reads: api, train or all.")] = "all",
    since: Annotated[str, typer.Option(help="How far to look back, such as 15m, 3h or 7d.")] = "1h",
    limit: Annotated[int, typer.Option(help="Return at most this many rows.", min=1, max=10_000)] = 1_000,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Query the logs by CloudWatch Logs Insights: a named query of the stack, or any other by --query."""
    seconds = _seconds(since)
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
    groups = {"api": [target.outputs["ApiLogGroup"]], "train": [target.outputs["TrainLogGroup"]]}
    groups["all"] = groups["api"] + groups["train"]
    if group not in groups:
        raise CommandError(f"--group is {group!r}; it must be one of {', '.join(groups)}")
    return groups[group]


def _seconds(since: str) -> int:
    found = re.fullmatch(r"(\d+)([smhdw])", since)
    if not found:
        raise CommandError(f"--since is {since!r}; write a number and a unit, such as 15m, 3h or 7d")
    return int(found[1]) * _UNITS[found[2]]


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        table.add_column(escape(name), overflow="fold", no_wrap=name == "@timestamp")
    for row in rows:
        table.add_row(*(escape(row.get(name, "")) for name in names))
    return table
