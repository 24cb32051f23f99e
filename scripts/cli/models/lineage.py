"""`mlops models lineage`: what a version was made from, and each time that an alias moved to it or away from it."""

import json
from typing import Any

from rich.text import Text
from rich.tree import Tree

from cli.models.registered_model import ModelArgument, RegisteredModel, VersionArgument, open_model
from cli.stack import JsonOption, Stack, StackOption, console
from mlops.registry.aliases import CHAMPION
from mlops.registry.manifest.manifest import VersionManifest


def lineage(
    model: ModelArgument,
    version: VersionArgument = CHAMPION,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """A version's dataset, code, libraries, seed and MLflow run, and each promotion and rollback of it."""
    target = Stack(stack)
    found = open_model(target, model)
    manifest = found.find(version)
    document = {
        "model": model,
        "version": manifest.version,
        "training_key": manifest.training_key,
        "created_at": manifest.created_at.isoformat(),
        "dataset": manifest.dataset.model_dump(mode="json"),
        "code": manifest.code.model_dump(mode="json"),
        "libraries": manifest.libraries,
        "seed": manifest.seed,
        "mlflow_run_id": manifest.mlflow_run_id,
        "siblings": _siblings(found, manifest),
        "moves": _moves(found, manifest.version),
        "predictions": f"filter record = 'prediction' and model = '{model}' and model_version = {manifest.version}",
    }
    if as_json:
        console.print_json(json.dumps(document))
    else:
        console.print_whole(_tree(document))


def _siblings(model: RegisteredModel, manifest: VersionManifest) -> list[int]:
    """The other versions that were trained on the same dataset."""
    others = (model.versions.manifest(number) for number in model.versions.numbers() if number != manifest.version)
    return [other.version for other in others if other.dataset.sha256 == manifest.dataset.sha256]


def _moves(model: RegisteredModel, version: int) -> list[dict[str, Any]]:
    """Each move of an alias to the version or away from it, oldest first."""
    aliases = {name: model.aliases.find(name) for name in model.aliases.names()}
    moves = [
        {"alias": name, **move.model_dump(mode="json")}
        for name, alias in aliases.items()
        for move in (alias.history if alias else ())
        if version in (move.version, move.previous)
    ]
    return sorted(moves, key=lambda move: str(move["at"]))


def _tree(lineage: dict[str, Any]) -> Tree:
    dataset, code = lineage["dataset"], lineage["code"]
    tree = Tree(
        Text(f"{lineage['model']} version {lineage['version']}, {_minute(lineage['created_at'])} UTC", style="bold")
    )
    data = tree.add(Text(f"dataset  {dataset['uri']}"))
    data.add(Text(f"S3 version {dataset['s3_version'] or 'none'}"))
    data.add(Text(f"sha256 {dataset['sha256']}"))
    data.add(Text(f"{dataset['rows']:,} rows, {dataset['columns']} columns"))
    if dataset["incident"]:
        command = f"scripts/mlops monitor incidents {lineage['model']} {dataset['incident']}"
        data.add(Text(f"assembled by incident {dataset['incident']}  {command}"))
    if lineage["siblings"]:
        data.add(Text(f"also trained on it: versions {', '.join(map(str, lineage['siblings']))}"))
    made = tree.add(Text(f"code  commit {code['commit']}"))
    made.add(Text(f"sha256 {code['sha256']}"))
    made.add(Text(", ".join(f"{name} {version}" for name, version in lineage["libraries"].items())))
    made.add(Text(f"seed {lineage['seed']}"))
    tree.add(Text(f"MLflow run  {lineage['mlflow_run_id'] or 'none'}"))
    moves = tree.add(Text("moves" if lineage["moves"] else "no alias has pointed at it"))
    for move in lineage["moves"]:
        step = f"{move['alias']} {move['previous'] or 'none'} → {move['version']}"
        moves.add(Text(f"{_minute(move['at'])}  {step}  {move['action']} by {move['by']}: {move['why']}"))
    tree.add(Text(f'predictions  scripts/mlops logs --query "{lineage["predictions"]}"'))
    return tree


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
