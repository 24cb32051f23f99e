"""`mlops data`: upload a dataset and wait for the outcome of its training; fetch a version's; write an example."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.pull import pull
from cli.reports import FAILURES, print_report, wait_for_report
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from examples import EXAMPLES, INTERACTIONS
from examples.movielens import TERMS, FetchFailed
from mlops.data.read import FORMATS, find_ending
from mlops.intake.catalogs import catalog_key

app = typer.Typer(no_args_is_help=True)
app.command("pull")(pull)
NAMES = (*EXAMPLES, *INTERACTIONS)


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

        with progress_console.status("training …"):
            report = wait_for_report(target, bucket, key, put.get("VersionId"), timeout, show=show)
    if as_json:
        console.print_json(json.dumps({**uploaded, "report": report}))
    elif report:
        print_report(report)
    if report and report["outcome"] in FAILURES:
        raise typer.Exit(1)


@app.command("example")
def example(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(NAMES)}.")],
    folder: Annotated[Path, typer.Argument(help="The folder to write it to.")] = Path(),
) -> None:
    """Write an example dataset as CSV; that of diagnosis comes with a file of its columns' units and descriptions.

    Those of recommenders come with a catalogue of their items.
    """
    if name in EXAMPLES:
        console.print(f"wrote {EXAMPLES[name].write(folder)}")
        return
    if name not in INTERACTIONS:
        raise CommandError(f"There is no example {name!r}; choose one of: {', '.join(NAMES)}")
    if name == "movielens":
        console.print(TERMS, markup=False)
    try:
        file = INTERACTIONS[name](folder)
    except FetchFailed as error:
        raise CommandError(str(error)) from error
    catalog = file.with_name("items.csv")
    console.print(f"wrote {file}, and the catalogue of its items, {catalog}. Upload the catalogue first:")
    console.print(f"scripts/mlops data catalog {catalog} --model {name}", markup=False)
    if name == "movielens":
        console.print(f"scripts/mlops models new {name} {file} --kind recommender", markup=False)
    console.print(f"scripts/mlops data put {file} --model {name}", markup=False)


@app.command("catalog")
def catalog(
    file: Annotated[
        Path,
        typer.Argument(
            help="A catalogue of items: CSV in UTF-8 with a header, gzipped CSV, or Parquet.",
            exists=True,
            dir_okay=False,
        ),
    ],
    model: Annotated[str, typer.Option("--model", "-m", help="The recommender whose items they are.")],
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Upload the catalogue of a recommender's items, in place of the one before. The next training reads it."""
    ending = find_ending(file.name)
    if ending is None:
        raise CommandError(f"{file.name} doesn't end in {', '.join(FORMATS)}. Save it in one of these formats.")
    target = Stack(stack)
    bucket, key = target.outputs["DataBucketName"], catalog_key(model, ending)
    with file.open("rb") as body:
        put = target.s3.put_object(Bucket=bucket, Key=key, Body=body)
    # A catalogue in another format would be a second one.
    for other in FORMATS:
        if other != ending:
            target.s3.delete_object(Bucket=bucket, Key=catalog_key(model, other))
    uploaded = {"uri": f"s3://{bucket}/{key}", "s3_version": put.get("VersionId")}
    if as_json:
        console.print_json(json.dumps(uploaded))
    else:
        console.print(f"uploaded {uploaded['uri']}; the next training on a dataset of {model} reads it")
