"""`mlops models show`: one version with its metrics, gates and origin, or its model card."""

import json
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import rich.table
import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from cli.models.formatting import format_estimate, format_number
from cli.models.registered_model import ModelArgument, VersionArgument, describe_status, open_model
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table
from mlops.artifact.names import CARD
from mlops.registry.aliases import CHAMPION
from mlops.registry.manifest.manifest import TABLE, Manifest, VersionManifest

if TYPE_CHECKING:
    from mlops.registry.manifest.recommender import RecommenderManifest
    from mlops.registry.versions import AnyManifest


def show(
    model: ModelArgument,
    version: VersionArgument = CHAMPION,
    card: Annotated[
        Path | None, typer.Option("--card", help="Write the model card, an HTML page, to this file.", dir_okay=False)
    ] = None,
    browse: Annotated[bool, typer.Option("--browse", help="Open the model card in a browser.")] = False,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """One version: metrics with intervals, gates with their evidence, dataset and code."""
    found = open_model(Stack(stack), model)
    manifest = found.find(version)
    if card or browse:
        file = card or Path(f"{model}-{manifest.version}.html")
        file.write_bytes(found.versions.read(manifest, CARD))
        console.print(f"wrote {escape(str(file))}")
        if browse:
            webbrowser.open(file.resolve().as_uri())
        return
    aliases = found.aliases_by_version().get(manifest.version, [])
    if as_json:
        console.print_json(
            json.dumps(
                {
                    **manifest.model_dump(mode="json"),
                    "accepted": manifest.accepted,
                    "held": manifest.held,
                    "aliases": aliases,
                }
            )
        )
        return
    console.print(Group(*_sections(manifest, aliases)))


def _sections(manifest: "AnyManifest", aliases: list[str]) -> list[RenderableType]:
    status = describe_status(manifest, aliases)
    title = Text.assemble((f"{manifest.model} version {manifest.version}", "bold"), f"  {status}")
    parts: list[RenderableType] = [title, "", _facts(manifest), "", _metrics(manifest), "", _gates(manifest)]
    for remark in manifest.remarks:
        parts += ["", Text(remark, style="bold yellow")]
    if status == "held":
        approve = f"scripts/mlops models approve {manifest.model} {manifest.version}"
        parts += ["", Text(f"Its dataset contradicts what was known. If the dataset is right: {approve}")]
    return parts


def _table_facts(manifest: Manifest) -> dict[str, str | None]:
    target, threshold = manifest.contract.target, manifest.threshold
    return {
        "target": f"{target.name} ({target.task})",
        "threshold": None if threshold is None else format_number(threshold),
    }


def _recommender_facts(manifest: "RecommenderManifest") -> dict[str, str | None]:
    catalog = manifest.catalog
    return {
        "recommends": f"{manifest.k} of {manifest.available:,} items",
        "learnt from": f"{manifest.users:,} users and {manifest.items:,} items",
        "catalogue": f"{catalog.uri} ({catalog.items:,} items)" if catalog else None,
    }


def _facts(manifest: "AnyManifest") -> rich.table.Table:
    dataset, code = manifest.dataset, manifest.code
    facts = {
        "trained": f"{manifest.created_at:%Y-%m-%d %H:%M} UTC",
        "estimator": manifest.candidate,
        **(_table_facts(manifest) if manifest.kind == TABLE else _recommender_facts(manifest)),
        "dataset": f"{dataset.uri} ({dataset.rows:,} rows, {dataset.columns} columns)",
        "assembled by": f"incident {dataset.incident}" if dataset.incident else None,
        "content": f"sha256 {dataset.sha256[:16]}…, S3 version {dataset.s3_version or 'none'}",
        "code": f"sha256 {code.sha256[:16]}…, commit {code.commit[:12]}",
        "MLflow run": manifest.mlflow_run_id or "none",
    }
    table = rich.table.Table.grid(padding=(0, 2))
    for name, value in facts.items():
        if value is not None:
            table.add_row(Text(name, style="dim"), Text(value))
    return table


def _metrics(manifest: VersionManifest) -> Table:
    """The test metrics with their intervals, next to those on the training rows and those of the trivial model."""
    table = Table()
    table.add_column("metric")
    table.add_column("held-out rows (interval)", justify="right", no_wrap=True)
    others = [split for split in ("train", "baseline") if split in manifest.metrics]
    for split in others:
        table.add_column(split, justify="right")
    for name, value in manifest.metrics["test"].items():
        estimate = manifest.estimates.get(name)
        cells = [format_estimate(estimate) if estimate else format_number(value)]
        cells += [format_number(manifest.metrics[split].get(name)) for split in others]
        table.add_row(name, *cells)
    return table


def _gates(manifest: VersionManifest) -> Table:
    table = Table()
    for column in ("gate", "", "evidence"):
        table.add_column(column, no_wrap=column != "evidence")
    for gate in manifest.gates:
        failed = Text("held", style="bold yellow") if gate.approvable else Text("failed", style="bold red")
        result: Any = Text("passed", style="green") if gate.passed else failed
        table.add_row(Text(gate.name), result, Text(gate.detail or ""))
    return table
