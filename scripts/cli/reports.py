"""The report that is written next to an upload, and how training's is printed."""

import json
import time
from collections.abc import Callable
from typing import Any

from rich.markup import escape

from cli.errors import CommandError
from cli.stack import Stack, console
from mlops.artifact.names import TRAINING_PROGRESS, TRAINING_REPORT
from mlops.operations.trainings import describe_retry

POLL_SECONDS = 0.25
QUIET_SECONDS = 15.0
"""Who waits hears at least so often that the training goes on."""
FIRST_SECONDS = 3.0
"""Who waits for a training to begin hears after so long why none has."""
FAILURES = ("rejected", "refused", "held")
"""Outcomes that need a person: the dataset broke its contract, or the version trained on it failed a gate or waits for
approval."""


def wait_for_report(
    target: Stack,
    bucket: str,
    key: str,
    s3_version: str | None,
    timeout: int,
    dead_letters: str = "TrainDeadLetters",
    show: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report on exactly this upload, as soon as it exists. Raises CommandError after `timeout` seconds.

    `show` is called with each step of the training, and with the reason if a try failed.
    """
    began = time.monotonic()
    follower = _Follower(target, bucket, key, s3_version, show)
    while time.monotonic() < began + timeout:
        report = _read(target, bucket, f"{key}{TRAINING_REPORT}")
        if report and report.get("s3_version") == s3_version:
            follower.look()
            return report
        follower.look()
        time.sleep(POLL_SECONDS)
    raise CommandError(
        f"No outcome for {key} after {timeout} s. `scripts/mlops logs errors` shows what failed; "
        f"an upload that failed at every try is in the queue {dead_letters}."
    )


class _Follower:
    """Shows what a training does, as its progress has it."""

    def __init__(
        self, target: Stack, bucket: str, key: str, s3_version: str | None, show: Callable[[str], None]
    ) -> None:
        self._target, self._bucket, self._key, self._version = target, bucket, key, s3_version
        self._show = show
        self._began = self._looked = time.monotonic()
        self._shown: tuple[int, int] = (0, 0)
        self._retrying = 0

    def look(self) -> None:
        """Show what is new, and at least every QUIET_SECONDS that the training goes on."""
        found = _read(self._target, self._bucket, f"{self._key}{TRAINING_PROGRESS}")
        progress = found if found and found["s3_version"] == self._version else None
        if progress and (progress["attempt"], len(progress["steps"])) != self._shown:
            self._show_steps(progress)
        if progress and progress["state"] == "retrying" and progress["attempt"] != self._retrying:
            self._show_retry(progress)
        silent = time.monotonic() - self._looked
        if progress is None and self._looked == self._began and silent >= FIRST_SECONDS:
            self._say("waiting for the queue to deliver it to a training")
        elif silent >= QUIET_SECONDS:
            self._say(f"still: {progress['steps'][-1]['step'] if progress else self._explain_wait()}")

    def _show_steps(self, progress: dict[str, Any]) -> None:
        attempt, shown = self._shown
        if progress["attempt"] != attempt:
            shown = 0
            if progress["attempt"] > 1:
                self._say(f"try {progress['attempt']} begins")
        for step in progress["steps"][shown:]:
            self._say(step["step"])
        self._shown = progress["attempt"], len(progress["steps"])

    def _show_retry(self, progress: dict[str, Any]) -> None:
        self._retrying = progress["attempt"]
        parameters = self._target.parameters
        most, delay = parameters.get("TrainAttempts", "3"), int(parameters.get("TrainRetryDelay", "0"))
        self._say(describe_retry(progress["attempt"], int(most), progress["reason"], delay))

    def _explain_wait(self) -> str:
        """Why there's no progress: the queue is busy, or the function was killed before it could write down why."""
        delay = self._target.parameters.get("TrainRetryDelay", "0")
        return (
            f"no training has begun yet. If one was killed, the queue delivers it again after {delay} s: "
            "see `scripts/mlops logs errors`"
        )

    def _say(self, text: str) -> None:
        self._looked = time.monotonic()
        self._show(f"{self._looked - self._began:5.0f} s  {text}")


def _read(target: Stack, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        found = target.s3.get_object(Bucket=bucket, Key=key)
    except target.s3.exceptions.NoSuchKey:
        return None
    document: dict[str, Any] = json.loads(found["Body"].read())
    return document


def _print_group(group: dict[str, Any]) -> None:
    """The violations of a rule in a column: how many, and a few of them."""
    where = f" in {group['column']}" if "column" in group else ""
    if group["count"] > 1:
        console.print(f"  {group['count']:,} times {escape(group['rule'] + where)}:")
    for message in group["examples"]:
        console.print(f"{'    ' if group['count'] > 1 else '  '}{escape(message)} [dim]({escape(group['rule'])})[/]")
    hidden = group["count"] - len(group["examples"])
    if hidden > 0:
        console.print(f"    … and {hidden:,} more")


def print_report(report: dict[str, Any]) -> None:
    """Print the outcome, its reason and the violations in a few lines."""
    console.print(escape(f"{report['outcome']}: {report['reason']}"))
    for note in report.get("notes", []):
        console.print(escape(f"note: {note}"))
    for group in report.get("violation_groups", []):
        _print_group(group)
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
