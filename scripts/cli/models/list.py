"""`mlops models list`: every version of every model."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cli.models.registered_model import describe_status, open_registry, read_model
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table
from mlops.registry.aliases import Alias
from mlops.registry.canary import find_canary
from mlops.registry.store import Store
from mlops.registry.versions import list_models

_STYLES = {"refused": "red", "held": "yellow"}
# The metrics that the table has room for; --json has them all. A narrow screen shows the first ones, one of each task.
SHOWN = ("accuracy", "r2", "ndcg", "roc_auc", "f1", "rmse", "recall")


def list_versions(stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """All versions of all models, newest first, with their aliases and their metrics on held-out rows."""
    target = Stack(stack)
    store = open_registry(target)
    rows = [row for model in list_models(store) for row in _rows(store, model, target.now)]
    if as_json:
        console.print_json(json.dumps(rows))
        return
    if not rows:
        console.print("No model yet. Upload a dataset: scripts/mlops data put FILE --model MODEL")
        return
    console.print(_table(rows))


def _rows(store: Store, model: str, now: Callable[[], datetime]) -> list[dict[str, Any]]:
    found = read_model(store, model, now)
    aliases = found.aliases_by_version()
    tried = find_canary(found.aliases)
    manifests = [found.versions.manifest(number) for number in reversed(found.versions.numbers())]
    return [
        {
            "model": model,
            "version": manifest.version,
            "aliases": aliases.get(manifest.version, []),
            "accepted": manifest.accepted,
            "status": describe_status(manifest, aliases.get(manifest.version, [])),
            "canary": _describe_canary(tried, manifest.version),
            "candidate": manifest.candidate,
            "metrics": manifest.metrics["test"],
            "dataset": manifest.dataset.sha256,
            "created_at": manifest.created_at.isoformat(),
        }
        for manifest in manifests
    ]


def _describe_canary(tried: Alias | None, version: int) -> dict[str, Any] | None:
    """The share and the end of a version's canary; None if it isn't in one."""
    if tried is None or tried.canary is None or tried.version != version:
        return None
    return {"share": tried.share, "until": tried.canary.until.isoformat()}


def _table(rows: list[dict[str, Any]]) -> Table:
    names = [name for name in SHOWN if any(name in row["metrics"] for row in rows)]
    table = Table()
    for column in ("model", "version", "status"):
        table.add_column(column, no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True, spare=name != names[0])
    for column in ("candidate", "dataset"):
        table.add_column(column, no_wrap=True, spare=True)
    table.add_column("created", no_wrap=True)
    for row in rows:
        style = "bold green" if row["aliases"] else _STYLES.get(row["status"])
        text = f"{row['status']}, canary of {row['canary']['share']:.0%}" if row["canary"] else row["status"]
        status = f"[{style}]{text}[/]" if style else text
        metrics = [f"{row['metrics'][name]:.4f}" if name in row["metrics"] else "" for name in names]
        created = row["created_at"][:16].replace("T", " ")
        table.add_row(
            row["model"], str(row["version"]), status, *metrics, row["candidate"], row["dataset"][:8], created
        )
    return table
