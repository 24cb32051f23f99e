"""The report on a dataset, written next to it as `<key>.report.json`, and its rejected rows, in `rejected/`."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mlops.data.digest import digest_content
from mlops.errors.data import DatasetRejected
from mlops.errors.violations import Violation
from mlops.intake.training import Outcome, Upload
from mlops.privacy import learnt_text_notes
from mlops.registry.manifest.manifest import Manifest, VersionManifest

MAX_GROUPS = 100
"""Rules and columns, each with a count and examples, that a report lists."""

_REASONS = {
    "promoted": "version {version} passed its gates and is champion now",
    "canary": "version {version} passed its gates and answers a share of the requests, to become champion by that",
    "waiting": "version {version} passed its gates and can't be tried as a canary: another version is tried, or it has "
    "other columns or labels than the champion; `scripts/mlops models promote` makes it champion",
    "unchanged": "version {version} was already trained on the same dataset by the same code",
    "kept": "version {version} passed its gates, but the champion is newer, or the version isn't shown to be as good",
    "held": "version {version} waits for approval, since its dataset contradicts what was known: {failed}",
    "refused": "version {version} failed its gates: {failed}{stays}",
}


def report_outcome(upload: Upload, outcome: Outcome[VersionManifest], at: datetime) -> dict[str, Any]:
    """The report on a dataset that became a version."""
    manifest = outcome.manifest
    failed = "; ".join(gate.detail or gate.name for gate in manifest.gates if not gate.passed)
    stays = f"; version {outcome.champion} goes on serving" if outcome.champion else "; the model has no champion yet"
    reason = _REASONS[outcome.standing].format(version=manifest.version, failed=failed, stays=stays)
    if left_out := manifest.dataset.rejected_rows:
        reason += f"; {left_out:,} of {left_out + manifest.dataset.rows:,} rows broke the contract and were left out"
    contract = manifest.contract if isinstance(manifest, Manifest) else None
    unlabelled = manifest.dataset.unlabelled_rows
    if contract and unlabelled:
        reason += f"; {unlabelled:,} rows without a {contract.target.name} were left out"
    made = {"model": manifest.model, "version": manifest.version, "metrics": manifest.metrics["test"]}
    made |= {"rejected_rows": left_out, "unlabelled_rows": unlabelled}
    if notes := (*manifest.remarks, *(learnt_text_notes(contract) if contract else ())):
        made["notes"] = list(notes)
    return {**_common(upload, outcome.standing, reason, at), **made}


def report_rejection(upload: Upload, error: DatasetRejected, model: str | None, at: datetime) -> dict[str, Any]:
    """The report on a dataset that broke the contract: its violations by rule and column, with a few examples of each.

    `model` is None where the dataset's key names none that has a spec.
    """
    groups = error.groups[:MAX_GROUPS]
    found = {
        "violations": [violation.to_dict() for group in groups for violation in group.examples],
        "violation_count": error.total,
        "violation_groups": [group.to_dict() for group in groups],
    }
    return {**_common(upload, "rejected", error.reason, at), "model": model, **found}


def to_json(report: dict[str, Any]) -> bytes:
    """The report as it is written to S3."""
    return json.dumps(report, indent=2, ensure_ascii=False).encode()


def rejected_key(key: str) -> str:
    """The key of the rejected rows of a dataset: `datasets/a/b.csv` → `rejected/a/b.csv.jsonl`."""
    return f"rejected/{key.removeprefix('datasets/')}.jsonl"


def to_lines(violations: Iterable[Violation]) -> bytes:
    """Violations of rows as JSON Lines, one a line: row, column, value, rule, message. Private values are hidden."""
    lines = (json.dumps(each.to_dict(), ensure_ascii=False) for each in violations if each.row is not None)
    return "".join(f"{line}\n" for line in lines).encode()


def _common(upload: Upload, outcome: str, reason: str, at: datetime) -> dict[str, Any]:
    return {
        "dataset": upload.uri,
        "s3_version": upload.s3_version,
        "sha256": digest_content(upload.content),
        "outcome": outcome,
        "reason": reason,
        "checked_at": at.isoformat(),
    }
