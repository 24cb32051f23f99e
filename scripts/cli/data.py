"""`mlops data`: put a dataset in the bucket and see what becomes of it; write an example."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.reports import FAILURES, print_report, wait_for_report
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from examples import EXAMPLES
from mlops.data.read import FORMATS, find_ending

app = typer.Typer(no_args_is_help=True)


@app.command("put")
def put(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with a header line in UTF-8, gzipped CSV, or Parquet.", exists=True, dir_okay=False),
    ],
    model: Annotated[str, typer.Option("--model", "-m", help="The model that trains on it.")],
    wait: Annotated[bool, typer.Option(help="Wait for the training and tell its outcome.")] = True,
    timeout: Annotated[int, typer.Option(help="Seconds to wait at most.")] = 900,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Upload a dataset; training starts by itself. Exits 1 if the dataset is rejected, or its version refused."""
    if find_ending(file.name) is None:
        raise CommandError(
            f"{file.name} doesn't end in {', '.join(FORMATS)}; no training would start by it. Save it as one of these."
        )
    target = Stack(stack)
    bucket, key = target.outputs["DataBucketName"], f"datasets/{model}/{file.name}"
    with file.open("rb") as body:
        put = target.s3.put_object(Bucket=bucket, Key=key, Body=body)
    uploaded = {"uri": f"s3://{bucket}/{key}", "s3_version": put.get("VersionId")}
    if not as_json:
        console.print(f"uploaded {uploaded['uri']}")
    report = None
    if wait:
        with progress_console.status("training …"):
            report = wait_for_report(target, bucket, key, put.get("VersionId"), timeout)
    if as_json:
        console.print_json(json.dumps({**uploaded, "report": report}))
    elif report:
        print_report(report)
    if report and report["outcome"] in FAILURES:
        raise typer.Exit(1)


@app.command("example")
def example(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(EXAMPLES)}.")],
    folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(),
) -> None:
    """Write an example dataset as CSV; diagnosis with its columns' units and descriptions beside it."""
    if name not in EXAMPLES:
        raise CommandError(f"There is no example {name!r}; there is: {', '.join(EXAMPLES)}")
    console.print(f"wrote {EXAMPLES[name].write(folder)}")
