"""`mlops models new`: a model spec drafted from a first dataset."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import CommandError
from cli.stack import JsonOption, console, progress_console
from mlops.contract import MODEL_NAME, Task
from mlops.registry.manifest.manifest import RECOMMENDER, TABLE, Kind

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


def new(
    name: Annotated[str, typer.Argument(help="The model's name: lower-case letters, digits and hyphens.")],
    file: Annotated[
        Path, typer.Argument(help="Its first dataset: CSV, gzipped CSV or Parquet.", exists=True, dir_okay=False)
    ],
    target: Annotated[str | None, typer.Option("--target", "-t", help="The column to predict.")] = None,
    task: Annotated[
        str | None, typer.Option(help="binary, multiclass or regression; inferred from the target by default.")
    ] = None,
    kind: Annotated[
        str, typer.Option(help="table, to predict a column, or recommender, to learn from what users did with items.")
    ] = TABLE,
    as_json: JsonOption = False,
) -> None:
    """Draft a model spec from a dataset: kinds, ranges, categories, missing values, key, target and candidates.

    The spec is yours to edit. An existing one is never overwritten.
    """
    path = _spec_path(name)
    drafted = _DRAFTS[_parse_kind(kind, target)](name, file, target or "", _parse_task(task))
    path.write_text(drafted.text, encoding="utf-8")
    lines = drafted.text.count("\n")
    if as_json:
        console.print_json(json.dumps({**drafted.document, "file": str(path), "lines": lines}))
        return
    drafted.show()
    console.print(f"\nwrote {path} ({lines} lines). Review it, then train it:")
    console.print(f"scripts/mlops data put {file} --model {name}", markup=False)


@dataclass(frozen=True)
class Drafted:
    """A spec's text, and the draft as a document and as what's shown to people."""

    text: str
    document: dict[str, Any]
    show: Callable[[], None]


def _draft_table(name: str, file: Path, target: str, task: Task | None) -> Drafted:
    # Slow to import: the other commands don't need it.
    from cli.models.draft_report import print_draft, to_document
    from mlops.data.inference import draft
    from mlops.data.inference.spec_file import write_spec
    from mlops.data.read import read_dataset

    with progress_console.status("reading …"):
        drafted = draft(read_dataset(file.read_bytes(), file.name), name, target, task)
    return Drafted(write_spec(drafted, file.name), to_document(drafted), lambda: print_draft(drafted))


def _draft_recommender(name: str, file: Path, target: str, task: Task | None) -> Drafted:  # noqa: ARG001
    from cli.models.interaction_report import print_interactions, to_document
    from mlops.data.read import read_dataset
    from mlops.recommend.draft.draft import draft_interactions
    from mlops.recommend.draft.spec_file import write_recommender_spec

    with progress_console.status("reading …"):
        drafted = draft_interactions(read_dataset(file.read_bytes(), file.name), name, datetime.now(UTC))
    text = write_recommender_spec(drafted, file.name)
    return Drafted(text, to_document(drafted), lambda: print_interactions(drafted))


_DRAFTS: dict[Kind, Callable[[str, Path, str, Task | None], Drafted]] = {
    TABLE: _draft_table,
    RECOMMENDER: _draft_recommender,
}


def _parse_kind(kind: str, target: str | None) -> Kind:
    found = next((known for known in _DRAFTS if known == kind), None)
    if found is None:
        raise CommandError(f"--kind is {kind!r}; it must be one of {', '.join(_DRAFTS)}.")
    if found == TABLE and target is None:
        raise CommandError("--target is missing: name the column to predict, or take --kind recommender.")
    if found == RECOMMENDER and target is not None:
        raise CommandError("--target names a column to predict, and a recommender predicts none.")
    return found


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
