"""The report that is written next to an upload, and how training's is printed."""

import json
import time
from typing import Any

from rich.markup import escape

from cli.errors import CommandError
from cli.stack import Stack, console

POLL_SECONDS = 0.25
FAILURES = ("rejected", "refused", "held")
"""Outcomes that need a person: the dataset broke its contract, or the version trained on it failed a gate or waits for
approval."""


def wait_for_report(
    target: Stack, bucket: str, key: str, s3_version: str | None, timeout: int, dead_letters: str = "TrainDeadLetters"
) -> dict[str, Any]:
    """The report on exactly this upload, as soon as it exists. Raises CommandError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        report = _read(target, bucket, key)
        if report and report.get("s3_version") == s3_version:
            return report
        time.sleep(POLL_SECONDS)
    raise CommandError(
        f"No outcome for {key} after {timeout} s. `scripts/mlops logs errors` shows what failed; "
        f"an upload that failed at every try is in the queue {dead_letters}."
    )


def _read(target: Stack, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        found = target.s3.get_object(Bucket=bucket, Key=f"{key}.report.json")
    except target.s3.exceptions.NoSuchKey:
        return None
    report: dict[str, Any] = json.loads(found["Body"].read())
    return report


def print_report(report: dict[str, Any]) -> None:
    """Print the outcome, its reason and the violations in a few lines."""
    console.print(escape(f"{report['outcome']}: {report['reason']}"))
    for note in report.get("notes", []):
        console.print(escape(f"note: {note}"))
    for violation in report.get("violations", []):
        console.print(f"  {escape(violation['message'])} [dim]({escape(violation['rule'])})[/]")
    hidden = report.get("violation_count", 0) - len(report.get("violations", []))
    if hidden > 0:
        console.print(f"  … and {hidden} more")
    if "rejected" in report:
        console.print(f"every row that broke the contract: {report['rejected']}", markup=False)
    if report["outcome"] == "held":
        version = f"{report['model']} {report['version']}"
        console.print(f"the evidence: scripts/mlops models show {version}", style="dim")
        console.print(f"if the data are right, approve it: scripts/mlops models approve {version}", style="dim")
    if report["outcome"] == "refused":
        version = f"{report['model']} {report['version']}"
        console.print(f"every gate with its evidence: scripts/mlops models show {version}", style="dim")
        console.print(f"to promote it anyway: scripts/mlops models promote {version} --insist", style="dim")
