"""What the commands that move an alias share: how the move is reported."""

import json

from rich.markup import escape

from cli.models.registered_model import RegisteredModel, open_stack_mirror
from cli.stack import Stack, console
from mlops.registry.aliases import Alias
from mlops.tracking.mirror import register_version


def report_champion(
    target: Stack, model: RegisteredModel, before: Alias | None, alias: Alias, *, as_json: bool
) -> None:
    """Update MLflow, then print the change. Running a command again completes what failed while MLflow was down."""
    register_version(open_stack_mirror(target), model.versions.manifest(alias.version), model.aliases)
    move = alias.history[-1]
    previous = before.version if before else None
    if as_json:
        changed = previous != alias.version
        console.print_json(json.dumps({"model": model.name, "changed": changed, **move.model_dump(mode="json")}))
    elif previous == alias.version:
        console.print(f"version {alias.version} of {escape(model.name)} is the champion already")
    else:
        replaced = f" in place of version {previous}" if previous else ""
        console.print(f"[bold green]version {alias.version}[/] of {escape(model.name)} is the champion{replaced}")
        if previous:
            console.print(f"to undo it: scripts/mlops models promote {escape(model.name)} {previous}", style="dim")


def report_challenger(alias: Alias, sentence: str, *, as_json: bool) -> None:
    """Print the change of the challenger."""
    if as_json:
        console.print_json(alias.history[-1].model_dump_json())
    else:
        console.print(escape(sentence))
