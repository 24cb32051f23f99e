"""What became of a dataset: the report that training writes beside it."""

import json
import time
from typing import Any

from rich.markup import escape

from cli.errors import CommandError
from cli.stack import Stack, console

POLL_SECONDS = 0.25
FAILURES = ("rejected", "refused")
"""Outcomes after which what was uploaded doesn't serve and won't by itself: the data broke its contract, or the version
trained on it failed a gate."""


def wait_for_report(target: Stack, bucket: str, key: str, s3_version: str | None, timeout: int) -> dict[str, Any]:
    """The report on exactly this upload, once it's there. Raises CommandError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        report = _read(target, bucket, key)
        if report and report.get("s3_version") == s3_version:
            return report
        time.sleep(POLL_SECONDS)
    raise CommandError(
        f"no outcome for {key} after {timeout} s. `scripts/mlops logs errors` shows what failed; "
        "what failed at each try lies in the queue TrainDeadLetters."
    )


def _read(target: Stack, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        found = target.s3.get_object(Bucket=bucket, Key=f"{key}.report.json")
    except target.s3.exceptions.NoSuchKey:
        return None
    report: dict[str, Any] = json.loads(found["Body"].read())
    return report


def print_report(report: dict[str, Any]) -> None:
    """Say in a few lines what became of a dataset."""
    console.print(escape(f"{report['outcome']}: {report['reason']}"))
    for violation in report.get("violations", []):
        console.print(f"  {escape(violation['message'])} [dim]({escape(violation['rule'])})[/]")
    hidden = report.get("violation_count", 0) - len(report.get("violations", []))
    if hidden > 0:
        console.print(f"  … and {hidden} more")
    if "rejected" in report:
        console.print(f"each row that broke the contract: {report['rejected']}", markup=False)
    if report["outcome"] == "refused":
        version = f"{report['model']} {report['version']}"
        console.print(f"each gate with its evidence: scripts/mlops models show {version}", style="dim")
        console.print(f"to let it serve all the same: scripts/mlops models promote {version} --insist", style="dim")
