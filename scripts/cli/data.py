"""`mlops data`: upload a dataset and wait for the outcome of its training; write an example."""

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
        typer.Argument(
            help="A dataset: CSV in UTF-8 with a header, gzipped CSV, or Parquet.", exists=True, dir_okay=False
        ),
    ],
    model: Annotated[str, typer.Option("--model", "-m", help="The model to train on it.")],
    wait: Annotated[bool, typer.Option(help="Wait for the training and print its outcome.")] = True,
    timeout: Annotated[int, typer.Option(help="Wait at most this many seconds.")] = 900,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Upload a dataset, which starts a training. Exits 1 if the dataset is rejected or a gate refuses its version."""
    if find_ending(file.name) is None:
        raise CommandError(
            f"{file.name} doesn't end in {', '.join(FORMATS)}, so it would start no training. "
            "Save it in one of these formats."
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

        def show(step: str) -> None:
            progress_console.print(step, style="dim", markup=False)

        report = wait_for_report(target, bucket, key, put.get("VersionId"), timeout, show=show)
    if as_json:
        console.print_json(json.dumps({**uploaded, "report": report}))
    elif report:
        print_report(report)
    if report and report["outcome"] in FAILURES:
        raise typer.Exit(1)


@app.command("example")
def example(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(EXAMPLES)}.")],
    folder: Annotated[Path, typer.Argument(help="The folder to write it to.")] = Path(),
) -> None:
    """Write an example dataset as CSV; that of diagnosis comes with a file of its columns' units and descriptions."""
    if name not in EXAMPLES:
        raise CommandError(f"There is no example {name!r}; choose one of: {', '.join(EXAMPLES)}")
    console.print(f"wrote {EXAMPLES[name].write(folder)}")
