"""`mlops monitor incidents`: what happened to a model, from the first alarm to its recovery."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table
from mlops.registry.store import open_store

if TYPE_CHECKING:
    from mlops.monitoring.incident import Incident


def incidents(
    model: Annotated[str | None, typer.Argument(help="The model's name; all models by default.")] = None,
    incident: Annotated[str | None, typer.Argument(help="One incident's id, to see its steps.")] = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Incidents, oldest first: what fell, since when, and what came of it."""
    from mlops.monitoring.archive import Archive

    archive = Archive(open_store(f"s3://{Stack(stack).outputs['RecordsBucketName']}"))
    models = [model] if model else archive.list_models()
    found = [each for name in models for each in archive.read_incidents(name)]
    if incident is not None:
        found = [each for each in found if each.id == incident]
        if not found:
            raise CommandError(f"{model!r} has no incident {incident!r}; `scripts/mlops monitor incidents` lists them.")
    if as_json:
        console.print_json(json.dumps([each.model_dump(mode="json") for each in found]))
    elif incident is not None:
        _print_steps(found[0])
    elif found:
        console.print(_table(found))
    else:
        console.print("no incidents")


def _table(found: "list[Incident]") -> Table:
    table = Table()
    for column in ("model", "incident", "opened", "status", "what happened last"):
        table.add_column(column, no_wrap=column != "what happened last")
    for each in found:
        last = each.steps[-1].what if each.steps else ""
        table.add_row(
            Text(each.model), Text(each.id), Text(f"{each.opened_at:%Y-%m-%d %H:%M}"), Text(each.status), Text(last)
        )
    return table


def _print_steps(incident: "Incident") -> None:
    console.print(Text(f"{incident.model}, incident {incident.id}: {incident.status}", style="bold"))
    for step in incident.steps:
        console.print(Text(f"{step.at:%Y-%m-%d %H:%M}  {step.what}"))
