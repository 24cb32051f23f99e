"""`mlops keys`: who may use the API. A key is shown once, when it's made; only its digest is stored."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.errors import CommandError
from cli.key_table import KeyTable
from cli.periods import parse_duration
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from cli.table import Table
from mlops.authorization.check import KEPT
from mlops.authorization.grants import SCOPES, Grant, Scope

MOST_CHARACTERS = 128
"""Of a key's name."""
DEFAULT_SCOPES: tuple[Scope, ...] = ("predict", "feedback", "read")

app = typer.Typer(no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, or what for.")],
    scope: Annotated[
        list[str] | None, typer.Option("--scope", "-s", help=f"What it may do: {', '.join(SCOPES)}. May be repeated.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", help="A model that it's for; all of them otherwise.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="After how long it expires, such as 90d; never otherwise.")
    ] = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once. Without --scope it may predict, send feedback and read."""
    if not 1 <= len(name) <= MOST_CHARACTERS or not name.isprintable():
        raise CommandError(f"{name!r} is no name for a key: write 1 to {MOST_CHARACTERS} characters on one line.")
    if unknown := [each for each in scope or () if each not in SCOPES]:
        raise CommandError(f"There is no scope {unknown[0]!r}; there are {', '.join(SCOPES)}.")
    scopes = [each for each in SCOPES if each in (scope or DEFAULT_SCOPES)]
    keys = KeyTable.of(Stack(stack))
    if any(grant.name == name and grant.revoked is None for grant in keys.all()):
        raise CommandError(f"There is a key named {name!r}. Revoke it first, or give the new one another name.")
    # An empty one, as of a variable that isn't set, is a mistake, and no key for ever.
    seconds = None if expires is None else parse_duration(expires, "--expires")
    if seconds == 0:
        raise CommandError(f"--expires is {expires!r}; such a key could never be used.")
    key, grant = keys.issue(name, scopes, models=model or (), seconds=seconds)
    if as_json:
        console.print_json(json.dumps({"key": key, **_shown(grant, keys.now())}))
        return
    progress_console.print("This key is shown once. The commands use it from the variable MLOPS_API_KEY.", style="dim")
    console.print(key, markup=False)


@app.command("list")
def list_keys(stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """All keys, with their scopes, models, expiry and last use, but not the keys themselves."""
    keys = KeyTable.of(Stack(stack))
    grants = sorted(keys.all(), key=lambda grant: (grant.created, grant.name))
    if as_json:
        console.print_json(json.dumps([_shown(grant, keys.now()) for grant in grants]))
        return
    table = Table()
    for heading in ("name", "scopes", "models", "created", "expires", "last use", "state"):
        table.add_column(heading)
    for grant in grants:
        shown = _shown(grant, keys.now())
        moments = [(shown[each] or "never")[:16] for each in ("created", "expires", "last_used")]
        scopes, models = " ".join(shown["scopes"]), " ".join(shown["models"]) or "all"
        table.add_row(escape(grant.name), scopes, escape(models), *moments, shown["state"])
    console.print(table)


@app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="The name of the key.")],
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Revoke a key, and others of its name: the API refuses them within a minute."""
    keys = KeyTable.of(Stack(stack))
    # Machines that start the same stack each have a key of the same name.
    found = [grant for grant in keys.all() if grant.name == name and grant.revoked is None]
    if not found:
        raise CommandError(
            f"There is no key named {name!r} that could be revoked; `scripts/mlops keys list` shows all."
        )
    revoked = [replace(grant, revoked=keys.now()) for grant in found]
    for grant in revoked:
        keys.put(grant)
    if as_json:
        console.print_json(json.dumps([_shown(grant, keys.now()) for grant in revoked]))
    else:
        many = f" ({len(revoked)} keys of this name)" if len(revoked) > 1 else ""
        console.print(f"revoked {escape(name)}{many}; the API refuses it within {KEPT:.0f} seconds")


def _shown(grant: Grant, now: int) -> dict[str, Any]:
    def moment(seconds: int | None) -> str | None:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")

    state = "revoked" if grant.revoked is not None else "valid" if grant.stands_at(now) else "expired"
    return {
        "name": grant.name,
        "scopes": [scope for scope in SCOPES if scope in grant.scopes],
        "models": sorted(grant.models),
        "created": moment(grant.created),
        "expires": moment(grant.expires),
        "last_used": moment(grant.last_used),
        "state": state,
    }
