"""What the commands that move an alias share: how the move is reported."""

import json

from rich.markup import escape

from cli.errors import CommandError
from cli.models.registered_model import RegisteredModel, open_stack_mirror
from cli.stack import Stack, console, progress_console
from mlops.registry.aliases import Alias
from mlops.tracking.mirror import NoMirror, register_version


def report_champion(
    target: Stack, model: RegisteredModel, before: Alias | None, alias: Alias, *, as_json: bool
) -> None:
    """Print the change, then update MLflow. Running a command again completes what failed while MLflow was down.

    Raises CommandError if MLflow isn't updated.
    """
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
    # What serves has changed already, and nobody who waits for that has to wait for MLflow.
    with progress_console.status("updating MLflow …"):
        _update_mlflow(target, model, alias.version)


def _update_mlflow(target: Stack, model: RegisteredModel, version: int) -> None:
    mirror = open_stack_mirror(target)
    if isinstance(mirror, NoMirror):
        return
    # The mirror has imported it.
    from mlflow.exceptions import MlflowException

    try:
        register_version(mirror, model.versions.manifest(version), model.aliases)
    except MlflowException as error:
        raise CommandError(
            f"Version {version} of {model.name} is the champion and serves, but MLflow wasn't updated: "
            f"{str(error).partition(' failed with exception ')[0]} failed. "
            f"Once it answers, `scripts/mlops models promote {model.name} {version}` updates it."
        ) from error


def report_challenger(alias: Alias, sentence: str, *, as_json: bool) -> None:
    """Print the change of the challenger."""
    if as_json:
        console.print_json(alias.history[-1].model_dump_json())
    else:
        console.print(escape(sentence))
