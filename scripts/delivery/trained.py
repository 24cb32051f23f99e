"""The outcome of one model's training as files: its card, the report on its dataset, and a summary in Markdown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.models.formatting import format_number
from cli.reports import FAILURES
from mlops.registry.manifest.manifest import Gate, VersionManifest

NOT_TRAINED = "not trained"


@dataclass(frozen=True)
class Trained:
    """A model's training: the outcome (promoted, refused, rejected …, or `not trained`), the reason, and the version.

    `report` is the one on its dataset; None where the training didn't get that far.
    """

    model: str
    files: tuple[str, ...]
    outcome: str
    reason: str
    report: dict[str, Any] | None = None
    manifest: VersionManifest | None = None
    card: bytes | None = None


def exit_status(trained: Sequence[Trained]) -> int:
    """0: each model was trained and passed. 1: a dataset or a version was refused. 2: one couldn't be trained."""
    outcomes = {each.outcome for each in trained}
    return 2 if NOT_TRAINED in outcomes else int(bool(outcomes & set(FAILURES)))


def write_files(trained: Sequence[Trained], folder: Path) -> Path:
    """Write each model's card and report, and the summary of all; returns the summary's path."""
    for each in trained:
        place = folder / each.model
        place.mkdir(parents=True, exist_ok=True)
        if each.card is not None:
            (place / "card.html").write_bytes(each.card)
        if each.report is not None:
            (place / "report.json").write_text(json.dumps(each.report, indent=2, ensure_ascii=False), encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    summary = folder / "summary.md"
    summary.write_text(summarise(trained), encoding="utf-8")
    return summary


def summarise(trained: Sequence[Trained]) -> str:
    """The summary, in Markdown."""
    if not trained:
        return "No model's spec or dataset changed.\n"
    return "\n".join(_section(each) for each in trained)


def _section(trained: Trained) -> str:
    lines = [f"## {_cell(trained.model)}: {trained.outcome}", "", _cell(trained.reason), ""]
    lines += [f"Changed: {', '.join(f'`{name}`' for name in trained.files)}", ""]
    if trained.manifest:
        lines += [*_gates(trained.manifest.gates), "", *_metrics(trained.manifest), ""]
    violations = (trained.report or {}).get("violation_groups", [])
    lines += [f"- {_cell(example)}" for group in violations for example in group["examples"]]
    return "\n".join(lines) + "\n"


def _gates(gates: Sequence[Gate]) -> list[str]:
    rows = [
        f"| {_cell(gate.name)} | {'passed' if gate.passed else '**failed**'} | {_value(gate.observed)} "
        f"| {_value(gate.required)} | {_cell(gate.detail or '')} |"
        for gate in gates
    ]
    return ["| gate | outcome | observed | required | evidence |", "| --- | --- | --- | --- | --- |", *rows]


def _metrics(manifest: VersionManifest) -> list[str]:
    baseline = manifest.metrics.get("baseline", {})
    rows = [
        f"| {_cell(name)} | {format_number(value)} | {format_number(baseline.get(name))} |"
        for name, value in manifest.metrics["test"].items()
    ]
    return ["| metric | held-out rows | baseline |", "| --- | ---: | ---: |", *rows]


def _value(value: float | str | None) -> str:
    return "" if value is None else _cell(value) if isinstance(value, str) else format_number(value)


def _cell(text: str) -> str:
    """Text that stays in its cell, and is no markup."""
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")
