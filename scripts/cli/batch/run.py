"""`mlops batch run`: predict all rows of files, and wait until they have their answers."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.batch.executions import follow, open_batches
from cli.batch.manifest import print_manifest
from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from mlops.data.read import FORMATS
from mlops.operations.batches import Batches

_MAX_REASONS = 5
InputArgument = Annotated[
    str,
    typer.Argument(
        help=f"A file in S3 ({', '.join(FORMATS)}), a prefix that ends in / for all files under it, or a local file, "
        "which is uploaded."
    ),
]
VersionOption = Annotated[str, typer.Option("--version", help="The version that answers: a number or an alias.")]
OutputOption = Annotated[str | None, typer.Option("--output", help="A prefix in the answers bucket; it must be empty.")]
FormatOption = Annotated[Literal["parquet", "csv"], typer.Option("--format", help="The format of the answers.")]
ExplainOption = Annotated[bool, typer.Option("--explain", help="Add what each column contributes to each answer.")]
KeyOption = Annotated[
    list[str] | None,
    typer.Option("--key", help="A column of the files that the answers repeat; the model's key otherwise. Repeatable."),
]
RecordsOption = Annotated[
    int | None, typer.Option("--records", help="Rows whose prediction is recorded for monitoring, about.", min=0)
]
ToleratedOption = Annotated[
    float | None,
    typer.Option("--tolerate", help="Percentage of chunks that may fail before the others stop.", min=0, max=100),
]


def run(
    model: Annotated[str, typer.Argument(help="The model's name.")],
    source: InputArgument,
    version: VersionOption = "champion",
    output: OutputOption = None,
    form: FormatOption = "parquet",
    explain: ExplainOption = False,
    key: KeyOption = None,
    records: RecordsOption = None,
    tolerate: ToleratedOption = None,
    wait: Annotated[bool, typer.Option(help="Wait until it ends and print what came of it.")] = True,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Predict the rows of files. Exits 1 if the batch fails, or if no row could be answered.

    The same files, version and options are the same run: repeating it changes nothing, or goes on where it stopped.
    """
    target = Stack(stack)
    batches = open_batches(target)
    place = source if source.startswith("s3://") else _upload(target, model, Path(source))
    name = batches.start(make_request(model, place, version, output, form, explain, key, records, tolerate))
    if not as_json:
        progress_console.print(f"batch {name}", style="dim", markup=False)
    if not wait:
        if as_json:
            console.print_json(json.dumps({"batch": name}))
        else:
            console.print(name, markup=False)
        return
    finish(batches, name, as_json=as_json)


def finish(batches: Batches, name: str, *, as_json: bool) -> None:
    """Wait for a batch and print its manifest. Raises CommandError if it failed."""
    batch = follow(batches, name)
    planned = batches.plan_of(batch)
    if batch.failed:
        status = batch.status.lower().replace("_", " ")
        reasons = [batch.reason or "no reason given", *batches.failures(planned)[:_MAX_REASONS]]
        raise CommandError(f"Batch {name} {status}: {'; '.join(dict.fromkeys(reasons))}")
    manifest = batches.manifest(batch, planned)
    if as_json:
        console.print_json(json.dumps({"batch": name, **manifest}))
    else:
        print_manifest(manifest)
    if not manifest["answered"]:
        raise typer.Exit(1)


def make_request(
    model: str,
    place: str,
    version: str,
    output: str | None,
    form: str,
    explain: bool,
    key: list[str] | None,
    records: int | None,
    tolerate: float | None,
) -> dict[str, Any]:
    """The state machine's input."""
    given: dict[str, Any] = {
        "model": model,
        "input": place,
        "version": version,
        "output": output,
        "format": form,
        "explain": explain,
        "key": key or None,
        "records": records,
        "tolerated_failure_percentage": tolerate,
    }
    return {name: value for name, value in given.items() if value is not None}


def _upload(target: Stack, model: str, file: Path) -> str:
    """Put a local file into the data bucket; returns its address."""
    if not file.is_file():
        raise CommandError(f"{file} is no file, nor an address that begins with s3://.")
    if not file.name.endswith(tuple(FORMATS)):
        raise CommandError(f"{file.name} doesn't end in {', '.join(FORMATS)}. Save it in one of these formats.")
    bucket, key = target.outputs["DataBucketName"], f"batch/{model}/{file.name}"
    target.s3.upload_file(str(file), bucket, key)
    return f"s3://{bucket}/{key}"
