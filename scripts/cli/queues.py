"""`mlops queues`: what waits, what failed at every try, and how that is tried anew."""

import getpass
import json
from dataclasses import asdict
from typing import Annotated, Any

import boto3
import typer
from rich.text import Text

from cli.history import open_history
from cli.stack import ByOption, JsonOption, Stack, StackOption, WhyOption, console
from cli.table import Table
from mlops.operations.queues import Queues, State, list_places, redrive_letters

app = typer.Typer(no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(help="The queue: train, ingest or monitor.")]
_COLUMNS = ("queue", "waiting", "in work", "oldest", "dead letters")


@app.command("status")
def status(stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """How much waits in each queue, and how many messages failed at every try."""
    states = _open(Stack(stack)).states()
    if as_json:
        console.print_json(json.dumps([_row(state) for state in states]))
        return
    table = Table()
    for column in _COLUMNS:
        table.add_column(column)
    for state in states:
        row = _row(state)
        table.add_row(*("" if row[column] is None else str(row[column]) for column in _COLUMNS))
    console.print(table)


@app.command("letters")
def letters(name: NameArgument, stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """The first dead letters of a queue: what each is about, and why it failed. They stay where they are."""
    found = _open(Stack(stack)).letters(name)
    if as_json:
        console.print_json(json.dumps([{**asdict(each), "sent": each.sent.isoformat()} for each in found]))
        return
    if not found:
        console.print("no dead letters")
        return
    table = Table()
    for column in ("sent", "received", "about", "why"):
        table.add_column(column)
    for each in found:
        sent = f"{each.sent:%Y-%m-%d %H:%M:%S}"
        table.add_row(sent, str(each.tries), Text(each.about), Text(each.reason or ""))
    console.print(table)


@app.command("redrive")
def redrive(
    name: NameArgument,
    why: WhyOption = "redriven by hand",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Move a queue's dead letters back to it, to be tried anew; mend the cause first."""
    target = Stack(stack)
    done = redrive_letters(_open(target), open_history(target), name, by=by or getpass.getuser(), why=why)
    if as_json:
        console.print_json(done.model_dump_json())
    else:
        console.print(done.what, markup=False)


def _open(stack: Stack) -> Queues:
    """The queues of a stack. Raises CommandError if it isn't there."""
    places = list_places(stack.outputs)
    return Queues(places, boto3.client("sqs"), boto3.client("cloudwatch"), stack.now)


def _row(state: State) -> dict[str, Any]:
    depth = state.depth
    return {
        "queue": state.place.name,
        "waiting": depth.waiting if depth else None,
        "in work": depth.in_flight if depth else None,
        "oldest": None if state.oldest is None else f"{state.oldest:,.0f} s",
        "dead letters": state.dead,
    }
