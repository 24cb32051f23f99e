"""`mlops models new`: a model spec drafted from a first dataset."""

import json
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.stack import JsonOption, console, progress_console
from mlops.contract import MODEL_NAME, Task

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


def new(
    name: Annotated[str, typer.Argument(help="The model's name: lower-case letters, digits and hyphens.")],
    file: Annotated[
        Path, typer.Argument(help="Its first dataset: CSV, gzipped CSV or Parquet.", exists=True, dir_okay=False)
    ],
    target: Annotated[str, typer.Option("--target", "-t", help="The column to predict.")],
    task: Annotated[
        str | None, typer.Option(help="binary, multiclass or regression; inferred from the target by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a model spec from a dataset: kinds, ranges, categories, missing values, key, target and candidates.

    The spec is yours to edit. An existing one is never overwritten.
    """
    # Slow to import: the other commands don't need it.
    from cli.models.draft_report import print_draft, to_document
    from mlops.data.inference import draft
    from mlops.data.inference.spec_file import write_spec
    from mlops.data.read import read_dataset

    path = _spec_path(name)
    with progress_console.status("reading …"):
        drafted = draft(read_dataset(file.read_bytes(), file.name), name, target, _parse_task(task))
    text = write_spec(drafted, file.name)
    path.write_text(text, encoding="utf-8")
    lines = text.count("\n")
    if as_json:
        console.print_json(json.dumps({**to_document(drafted), "file": str(path), "lines": lines}))
        return
    print_draft(drafted)
    console.print(f"\nwrote {path} ({lines} lines). Review it, then train it:")
    console.print(f"scripts/mlops data put {file} --model {name}", markup=False)


def _spec_path(name: str) -> Path:
    """Where the spec is written. Raises CommandError for a name that is invalid or taken."""
    if not MODEL_NAME.fullmatch(name):
        raise CommandError(
            f"{name!r} isn't a valid model name: use lower-case letters, digits and hyphens, and a letter first."
        )
    path = Path(import_module("models").__path__[0]) / f"{name.replace('-', '_')}.py"
    if path.exists():
        raise CommandError(f"{path} already exists. Choose another name, or remove the file first.")
    return path


def _parse_task(task: str | None) -> Task | None:
    if task is None:
        return None
    found = next((known for known in TASKS if known == task), None)
    if found is None:
        raise CommandError(f"--task is {task!r}; it must be one of {', '.join(TASKS)}.")
    return found
