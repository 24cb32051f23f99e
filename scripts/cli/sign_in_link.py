"""`mlops console`: a one-time link that signs its first user in to the console."""

import getpass
import json
from collections.abc import Collection
from typing import Annotated
from urllib.parse import quote

import typer

from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from mlops.console.session.links import MINUTES, new_link

SCOPES = ("read", "operate")


def print_link(
    name: Annotated[str | None, typer.Argument(help="Whom it's for; your user name by default.")] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="To look, not to change what serves.")] = False,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Print a link that signs its first user in to the console, where models are looked at and promoted.

    Whoever may write the table of sessions may make one: on AWS that's a permission of yours, not a key of the API.
    """
    link = make_link(Stack(stack), name or getpass.getuser(), SCOPES[:1] if read_only else SCOPES)
    if as_json:
        console.print_json(json.dumps({"link": link, "minutes": MINUTES}))
        return
    progress_console.print(f"It works once, within {MINUTES} minutes.", style="dim")
    console.print(link, markup=False, soft_wrap=True)


def make_link(target: Stack, name: str, scopes: Collection[str]) -> str:
    """A new link. Raises CommandError for a stack without a console."""
    outputs = target.outputs
    if "SessionsTableName" not in outputs:
        raise CommandError(f"The stack {target.name!r} has no console: deploy this template first.")
    token, item = new_link(name, scopes, int(target.now().timestamp()))
    target.dynamodb.put_item(TableName=outputs["SessionsTableName"], Item=item)
    return f"{outputs['ConsoleUrl']}/sign-in?link={quote(token)}"
