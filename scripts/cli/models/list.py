"""`mlops models list`: every version of every model."""

import json
from typing import Any

from rich.table import Table

from cli.models.registered_model import describe_status, open_registry, read_model
from cli.stack import JsonOption, Stack, StackOption, console
from mlops.registry.store import Store
from mlops.registry.versions import list_models

# The metrics that the table has room for; --json has them all.
_STYLES = {"refused": "red", "held": "yellow"}
SHOWN = ("accuracy", "f1", "roc_auc", "r2", "rmse")


def list_versions(stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """All versions of all models, newest first, with their aliases and their metrics on held-out rows."""
    store = open_registry(Stack(stack))
    rows = [row for model in list_models(store) for row in _rows(store, model)]
    if as_json:
        console.print_json(json.dumps(rows))
        return
    if not rows:
        console.print("No model yet. Upload a dataset: scripts/mlops data put FILE --model MODEL")
        return
    console.print(_table(rows))


def _rows(store: Store, model: str) -> list[dict[str, Any]]:
    found = read_model(store, model)
    aliases = found.aliases_by_version()
    manifests = [found.versions.manifest(number) for number in reversed(found.versions.numbers())]
    return [
        {
            "model": model,
            "version": manifest.version,
            "aliases": aliases.get(manifest.version, []),
            "accepted": manifest.accepted,
            "status": describe_status(manifest, aliases.get(manifest.version, [])),
            "candidate": manifest.candidate,
            "metrics": manifest.metrics["test"],
            "dataset": manifest.dataset.sha256,
            "created_at": manifest.created_at.isoformat(),
        }
        for manifest in manifests
    ]


def _table(rows: list[dict[str, Any]]) -> Table:
    names = [name for name in SHOWN if any(name in row["metrics"] for row in rows)]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("model", "version", "status"):
        table.add_column(column, no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for column in ("candidate", "dataset", "created"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        style = "bold green" if row["aliases"] else _STYLES.get(row["status"])
        status = f"[{style}]{row['status']}[/]" if style else row["status"]
        metrics = [f"{row['metrics'][name]:.4f}" if name in row["metrics"] else "" for name in names]
        created = row["created_at"][:16].replace("T", " ")
        table.add_row(
            row["model"], str(row["version"]), status, *metrics, row["candidate"], row["dataset"][:8], created
        )
    return table
