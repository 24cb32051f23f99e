"""`mlops data`: put a dataset in the bucket and see what becomes of it; write an example."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from examples import EXAMPLES

from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console, progress_console

app = typer.Typer(no_args_is_help=True)

POLL_SECONDS = 0.5


@app.command("put")
def put(
    file: Annotated[Path, typer.Argument(help="CSV file with a header line, UTF-8.", exists=True, dir_okay=False)],
    model: Annotated[str, typer.Option("--model", "-m", help="The model that trains on it.")],
    wait: Annotated[bool, typer.Option(help="Wait for the training and tell its outcome.")] = True,
    timeout: Annotated[int, typer.Option(help="Seconds to wait at most.")] = 900,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Upload a dataset; training starts by itself. Exits 1 if the dataset is rejected."""
    target = Stack(stack)
    bucket, key = target.outputs["DataBucketName"], f"datasets/{model}/{file.name}"
    with file.open("rb") as body:
        put = target.s3.put_object(Bucket=bucket, Key=key, Body=body)
    uploaded = {"uri": f"s3://{bucket}/{key}", "s3_version": put.get("VersionId")}
    if not as_json:
        console.print(f"uploaded {uploaded['uri']}")
    report = _wait(target, bucket, key, put.get("VersionId"), timeout) if wait else None
    if as_json:
        console.print_json(json.dumps({**uploaded, "report": report}))
    elif report:
        print_report(report)
    if report and report["outcome"] == "rejected":
        raise typer.Exit(1)


@app.command("example")
def example(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(EXAMPLES)}.")],
    folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(),
) -> None:
    """Write an example dataset as CSV, with its columns' names and units beside it."""
    if name not in EXAMPLES:
        raise CommandError(f"There is no example {name!r}; there is: {', '.join(EXAMPLES)}")
    console.print(f"wrote {EXAMPLES[name](folder)}")


def print_report(report: dict[str, Any]) -> None:
    """Say in a few lines what became of a dataset."""
    console.print(f"{report['outcome']}: {report['reason']}")
    for violation in report.get("violations", []):
        place = ", ".join(f"{part} {violation[part]}" for part in ("row", "column") if part in violation)
        console.print(f"  {place + ': ' if place else ''}{violation['message']} [dim]({violation['rule']})[/]")
    hidden = report.get("violation_count", 0) - len(report.get("violations", []))
    if hidden > 0:
        console.print(f"  … and {hidden} more")


def _wait(target: Stack, bucket: str, key: str, s3_version: str | None, timeout: int) -> dict[str, Any]:
    """The report on exactly this upload, once it's there."""
    deadline = time.monotonic() + timeout
    with progress_console.status("training …"):
        while time.monotonic() < deadline:
            report = _report(target, bucket, key)
            if report and report.get("s3_version") == s3_version:
                return report
            time.sleep(POLL_SECONDS)
    raise CommandError(
        f"no outcome for {key} after {timeout} s. `scripts/mlops logs errors` shows what failed; "
        "what failed at each try lies in the queue TrainDeadLetters."
    )


def _report(target: Stack, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        found = target.s3.get_object(Bucket=bucket, Key=f"{key}.report.json")
    except target.s3.exceptions.NoSuchKey:
        return None
    report: dict[str, Any] = json.loads(found["Body"].read())
    return report
