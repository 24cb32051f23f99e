"""`mlops models promote` and `rollback`: who serves."""

import getpass
import json
from typing import Annotated

import typer
from rich.markup import escape

from cli.errors import CommandError
from cli.registry import Model, ModelArgument, VersionArgument, open_model, open_stack_mirror
from cli.stack import JsonOption, Stack, StackOption, console
from mlops.errors import AliasMoved, VersionRefused
from mlops.registry.aliases import CHAMPION, Alias
from mlops.registry.promotion import promote_version, roll_back
from mlops.tracking.mirror import register_version

WhyOption = Annotated[str, typer.Option("--why", help="The reason, kept in the alias's history.")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who decided; your user name otherwise.")]


def promote(
    model: ModelArgument,
    version: VersionArgument,
    why: WhyOption = "promoted by hand",
    by: ByOption = None,
    insist: Annotated[bool, typer.Option("--insist", help="Even if the version failed a gate.")] = False,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Let a version serve. Warm instances follow within seconds, without a deployment."""
    target = Stack(stack)
    found = open_model(target, model)
    number = found.find(version).version
    before = found.aliases.find(CHAMPION)
    try:
        alias = promote_version(
            found.versions, found.aliases, number, by=by or getpass.getuser(), why=why, insist=insist
        )
    except VersionRefused as error:
        raise CommandError(f"{error}. --insist promotes it all the same.") from error
    _tell(target, found, before, alias, as_json=as_json)


def rollback(
    model: ModelArgument,
    to: Annotated[
        str | None, typer.Option("--to", help="The version to go back to; what served before, otherwise.")
    ] = None,
    why: WhyOption = "rolled back by hand",
    by: ByOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Take the champion back to the version before it. Warm instances follow within seconds."""
    target = Stack(stack)
    found = open_model(target, model)
    before = found.aliases.find(CHAMPION)
    try:
        alias = roll_back(
            found.versions,
            found.aliases,
            by=by or getpass.getuser(),
            why=why,
            to=found.find(to).version if to else None,
            instead_of=before.version if before else None,
        )
    except AliasMoved as error:
        raise CommandError(f"{error} Nothing was changed; see `scripts/mlops models list`.") from error
    _tell(target, found, before, alias, as_json=as_json)


def _tell(target: Stack, model: Model, before: Alias | None, alias: Alias, *, as_json: bool) -> None:
    """Tell MLflow, then the person. A command that's run again after MLflow was away finishes the work."""
    register_version(open_stack_mirror(target), model.versions.manifest(alias.version), model.aliases)
    move = alias.history[-1]
    previous = before.version if before else None
    if as_json:
        changed = previous != alias.version
        console.print_json(json.dumps({"model": model.name, "changed": changed, **move.model_dump(mode="json")}))
    elif previous == alias.version:
        console.print(f"version {alias.version} of {escape(model.name)} serves already")
    else:
        was = f", where version {previous} did" if previous else ""
        console.print(f"[bold green]version {alias.version}[/] of {escape(model.name)} serves from now on{was}")
        if previous:
            console.print(f"undo it: scripts/mlops models promote {escape(model.name)} {previous}", style="dim")
