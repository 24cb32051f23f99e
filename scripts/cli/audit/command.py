"""`mlops audit`: its options, and its answer as text and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, timedelta
from typing import Annotated, Any

import typer

from cli.audit.evidence import Evidence, gather
from cli.audit.tenure import Tenure
from cli.models.registered_model import ModelArgument, open_model
from cli.periods import parse_duration, parse_moment, show_moment
from cli.records.stretch import open_records, warn
from cli.records.tables import make_table, print_json
from cli.stack import JsonOption, Stack, StackOption, console
from mlops.registry.aliases import CHALLENGER, CHAMPION
from mlops.registry.manifest.manifest import VersionManifest

FOLLOWING = timedelta(minutes=1)
"""How long after a move it's said that the version before may still have answered: instances follow within seconds."""


def audit(
    model: ModelArgument,
    at: Annotated[str, typer.Option("--at", help="The moment, such as 2026-11-29T14:05:30; UTC without an offset.")],
    around: Annotated[
        str, typer.Option("--around", help="Count the answers from so long before it until so long after it.")
    ] = "5m",
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Which version answered at a moment, made from which data and code, and the answers on record around it."""
    moment = parse_moment("--at", at).astimezone(UTC)
    seconds = parse_duration(around, "--around")
    target = Stack(stack)
    evidence = gather(open_model(target, model), open_records(target), moment, timedelta(seconds=seconds), target.now())
    warn({"answers": evidence.report})
    if as_json:
        print_json(_document(model, evidence))
    else:
        _print(model, evidence)


def _document(model: str, evidence: Evidence) -> dict[str, Any]:
    window = evidence.window
    return {
        "model": model,
        "at": evidence.moment,
        "roles": _roles(evidence),
        "versions": [_describe(number, manifest) for number, manifest in evidence.manifests.items()],
        "answers": {
            "from": window.start,
            "to": window.end,
            "by_version": [asdict(each) for each in evidence.answers],
            "unreadable": evidence.report.unreadable,
            "damaged": evidence.report.damaged,
        },
    }


def _roles(evidence: Evidence) -> list[dict[str, Any]]:
    """Champion and challenger with their share of the requests, and the moves that began and ended it."""
    challenger = evidence.challenger
    share = challenger.move.share if challenger else 0.0
    roles = [_describe_role(CHAMPION, evidence.champion, 1 - share)]
    return [*roles, _describe_role(CHALLENGER, challenger, share)] if challenger else roles


def _describe_role(role: str, tenure: Tenure, share: float) -> dict[str, Any]:
    move, successor = tenure.move, tenure.successor
    return {
        "role": role,
        "version": move.version,
        "share": share,
        "since": tenure.start,
        "until": tenure.end,
        "action": move.action,
        "by": move.by,
        "why": move.why,
        "previous": move.previous,
        "next": None if successor is None else successor.version,
        "next_action": None if successor is None else successor.action,
    }


def _describe(number: int, manifest: VersionManifest | None) -> dict[str, Any]:
    if manifest is None:
        return {"version": number, "created_at": None, "dataset": None, "code": None}
    return {
        "version": number,
        "created_at": manifest.created_at,
        "dataset": manifest.dataset.model_dump(mode="json"),
        "code": manifest.code.model_dump(mode="json"),
        "libraries": manifest.libraries,
        "seed": manifest.seed,
        "mlflow_run_id": manifest.mlflow_run_id,
    }


def _print(model: str, evidence: Evidence) -> None:
    console.print(f"{model} at {show_moment(evidence.moment)}\n", style="bold", markup=False)
    roles = _roles(evidence)
    console.print(make_table([*roles[0]], roles))
    for role, tenure in ((CHAMPION, evidence.champion), (CHALLENGER, evidence.challenger)):
        if tenure and tenure.move.previous and evidence.moment - tenure.start < FOLLOWING:
            seconds = (evidence.moment - tenure.start).total_seconds()
            console.print(
                f"The {role} had been moved {seconds:.1f} s before. Instances follow within seconds, so version "
                f"{tenure.move.previous} may have answered as {role} too; the records have what did.",
                style="dim",
                markup=False,
            )
    for number, manifest in evidence.manifests.items():
        _print_version(_describe(number, manifest))
    _print_answers(evidence)


def _print_version(version: Mapping[str, Any]) -> None:
    console.print(f"\nversion {version['version']}", style="bold")
    dataset, code = version["dataset"], version["code"]
    if dataset is None:
        console.print("  the records name it, and the registry doesn't have it")
        return
    facts = {
        "trained": show_moment(version["created_at"]),
        "dataset": dataset["uri"],
        "S3 version": dataset["s3_version"] or "none",
        "sha256": dataset["sha256"],
        "shape": f"{dataset['rows']:,} rows, {dataset['columns']} columns",
        "commit": code["commit"],
        "code sha256": code["sha256"],
        "MLflow run": version["mlflow_run_id"] or "none",
    }
    for name, value in facts.items():
        console.print(f"  {name:<12} {value}", markup=False)


def _print_answers(evidence: Evidence) -> None:
    window = evidence.window
    console.print(
        f"\nanswers from {show_moment(window.start)} to {show_moment(window.end)}", style="bold", markup=False
    )
    if evidence.answers:
        rows = [asdict(each) for each in evidence.answers]
        console.print(make_table([*rows[0]], rows))
    else:
        console.print(
            "  none on record. Records arrive some minutes after the answers, and are kept for RecordRetentionDays."
        )
