"""`mlops monitor status`: how far monitoring has come with each model, and which incident is open."""

import json
from typing import Any

from rich.text import Text

from cli.models.registered_model import open_registry
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.store import open_store
from mlops.registry.versions import list_models

_COLUMNS = ("model", "champion", "last day", "last hour", "incident", "status", "unsent")


def status(stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """Each model: its champion, the windows that were looked at last, the open incident, what is still to be sent."""
    from mlops.monitoring.state import States

    target = Stack(stack)
    registry = open_registry(target)
    states = States(open_store(f"s3://{target.outputs['RecordsBucketName']}"))
    rows: list[dict[str, Any]] = []
    for model in list_models(registry):
        alias, state = Aliases(registry, model).find(CHAMPION), states.load(model).state
        incident = state.open_incident
        rows.append(
            {
                "model": model,
                "champion": alias.version if alias else None,
                "last day": state.daily,
                "last hour": state.hourly,
                "incident": incident.id if incident else None,
                "status": incident.status if incident else "well",
                "unsent": len(state.outbox),
            }
        )
    if as_json:
        console.print_json(json.dumps(rows))
        return
    table = Table()
    for column in _COLUMNS:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text("none" if row[column] is None else str(row[column])) for column in _COLUMNS))
    console.print(table)
