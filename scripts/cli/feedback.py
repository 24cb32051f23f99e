"""`mlops feedback`: truths about predictions, in bulk by a file or one by one."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.api import call, connect
from cli.errors import CommandError
from cli.reports import wait_for_report
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from mlops.records.bulk.rows import FORMATS

app = typer.Typer(no_args_is_help=True)
_MAX_SHOWN = 5


@app.command("put")
def put(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV with a header, gzipped CSV, or Parquet, with the columns prediction_id (or those of the model's "
            "key), truth (or the target's name) and at.",
            exists=True,
            dir_okay=False,
        ),
    ],
    model: Annotated[str, typer.Option("--model", "-m", help="The model that the predictions are of.")],
    wait: Annotated[bool, typer.Option(help="Wait until the truths are stored and print the report.")] = True,
    timeout: Annotated[int, typer.Option(help="Wait at most this many seconds.")] = 300,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Upload a file of truths and wait for its report. Exits 1 if none of its rows can be used."""
    if not file.name.endswith(FORMATS):
        raise CommandError(
            f"{file.name} doesn't end in {', '.join(FORMATS)}, so nothing would read it. "
            "Save it in one of these formats."
        )
    target = Stack(stack)
    bucket, key = target.outputs["DataBucketName"], f"feedback/{model}/{file.name}"
    with file.open("rb") as body:
        version = target.s3.put_object(Bucket=bucket, Key=key, Body=body).get("VersionId")
    uploaded = {"uri": f"s3://{bucket}/{key}", "s3_version": version}
    if not as_json:
        console.print(f"uploaded {uploaded['uri']}", markup=False)
    report = None
    if wait:
        with progress_console.status("storing …"):
            report = wait_for_report(target, bucket, key, version, timeout, dead_letters="IngestDeadLetters")
    if as_json:
        console.print_json(json.dumps({**uploaded, "report": report}))
    elif report:
        _print_report(report)
    if report and report["outcome"] == "rejected":
        raise typer.Exit(1)


@app.command("send")
def send(
    prediction_id: Annotated[str, typer.Argument(help="The id that the prediction's answer had.")],
    truth: Annotated[str, typer.Argument(help="The label that was right, or the number.")],
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="The model; the default model of the stack otherwise.")
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help="The truth's own time with its zone; now by default.")] = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Send the truth about one prediction to the API. It's stored when this returns."""
    target = Stack(stack)
    with connect(target.outputs["ApiUrl"], 30) as api:
        name = model or call(api, "GET", "/health")["default_model"]
        labels = call(api, "GET", f"/models/{name}")["contract"]["target"]["labels"]
        given = {
            "prediction_id": prediction_id,
            "truth": truth if labels else _number(truth),
            "at": at or target.now().isoformat(),
        }
        answer = call(api, "POST", f"/models/{name}/feedback", given)
    if as_json:
        console.print_json(json.dumps(answer))
    else:
        console.print(f"stored {answer['stored']} truth for {answer['model']}", markup=False)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandError(f"The truth is {text!r}; the model's answers are numbers.") from None


def _print_report(report: dict[str, Any]) -> None:
    """The outcome, its reason, and examples of rows that can't be used."""
    console.print(escape(f"{report['outcome']}: {report['reason']}"))
    rejected = report.get("rejected", {"examples": [], "rows": 0})
    for example in rejected["examples"][:_MAX_SHOWN]:
        cells = ", ".join(f"{name} {example[name]!r}" for name in example if name not in ("row", "rule", "message"))
        console.print(escape(f"  row {example['row']}: {example['message']}{f' ({cells})' if cells else ''}"))
    if rejected["rows"] > _MAX_SHOWN:
        console.print(f"  all of them: {rejected['all']}", markup=False)
    if report["outcome"] == "stored":
        console.print(f"which of them met a prediction: scripts/mlops records count {report['model']}", style="dim")
