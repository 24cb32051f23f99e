"""A model spec drafted from a first dataset: inferred, written, told."""

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from cli.errors import CommandError
from cli.models.spec_file import in_braces, write_spec
from cli.stack import console, progress_console
from mlops.contract import MODEL_NAME, Column, Task
from mlops.data.inference import Draft, draft
from mlops.data.inference.families import stem
from mlops.data.read import read_dataset
from mlops.spec.table import expand


def write_draft(name: str, file: Path, target: str, task: str | None, *, as_json: bool) -> None:
    """Infer a spec from the file, write it, and say what was inferred. Raises CommandError and DatasetRejected."""
    path = _path(name)
    with progress_console.status("reading …"):
        made = draft(read_dataset(file.read_bytes(), file.name), name, target, _task(task))
    _check_names(made)
    text = write_spec(made, file.name)
    path.write_text(text, encoding="utf-8")
    if as_json:
        console.print_json(json.dumps(_document(made, path, text)))
        return
    console.print(_summary(made))
    console.print(_table(made))
    for note in made.notes:
        console.print(f"[yellow]![/] {escape(note)}")
    console.print(f"\nwrote {path} ({text.count(chr(10))} lines). Look at it, then train it:")
    console.print(f"scripts/mlops data put {file} --model {name}", markup=False)


def _path(name: str) -> Path:
    """Where the spec goes. Raises CommandError if the name can't be one, or is taken."""
    if not MODEL_NAME.fullmatch(name):
        raise CommandError(f"{name!r} can't be a model's name: small letters, digits and hyphens, and a letter first.")
    path = Path(import_module("models").__path__[0]) / f"{name.replace('-', '_')}.py"
    if path.exists():
        raise CommandError(f"{path} is there already. Choose another name, or remove it first.")
    return path


def _check_names(made: Draft) -> None:
    """Raise CommandError for a name or label that a spec would read as several."""
    for name in (*(column.name for column in made.columns), *made.target.labels):
        if list(expand(name)) != [name]:
            raise CommandError(f"{name!r} would stand for several names in a spec: rename it in the dataset.")


def _task(task: str | None) -> Task | None:
    known: tuple[Task, ...] = ("binary", "multiclass", "regression")
    if task is None:
        return None
    found = next((each for each in known if each == task), None)
    if found is None:
        raise CommandError(f"--task is {task!r}; it is one of {', '.join(known)}")
    return found


def _document(made: Draft, path: Path, text: str) -> dict[str, object]:
    return {
        "model": made.name,
        "file": str(path),
        "lines": text.count("\n"),
        "target": made.target.model_dump(exclude_defaults=True),
        "columns": [column.model_dump(exclude_defaults=True) for column in made.columns],
        "key": made.key,
        "ignored": made.ignored,
        "max_rejected": made.max_rejected,
        "notes": made.notes,
    }


def _summary(made: Draft) -> str:
    target = made.target
    asked = {
        "binary": f"is it {target.positive}, or not",
        "multiclass": f"which of {len(target.labels)}: {', '.join(target.labels)}",
        "regression": f"how much{f', in {target.unit}' if target.unit else ''}",
    }
    return f"[bold]{escape(target.name)}[/] {target.task} ({escape(asked[target.task])})"


def _table(made: Draft) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("column", "kind", "from", "to", "missing", "values"):
        table.add_column(heading, justify="right" if heading in ("from", "to") else "left", no_wrap=heading != "values")
    for name, column in _families(made.columns):
        table.add_row(
            escape(name),
            column.kind,
            _bound(column.minimum),
            _bound(column.maximum),
            "" if column.required else "allowed",
            escape(_values(column)),
        )
    for name in made.key:
        table.add_row(escape(name), "[dim]key[/]", "", "", "", "")
    for name in made.ignored:
        table.add_row(escape(name), "[dim]ignored[/]", "", "", "", "")
    return table


def _families(columns: Sequence[Column]) -> Iterator[tuple[str, Column]]:
    """Columns by name; those that are numbered throughout as one."""
    stems: dict[str, list[Column]] = {}
    for column in columns:
        stems.setdefault(stem(column.name), []).append(column)
    for alike in stems.values():
        names = list(in_braces([column.name for column in alike], 0))
        if len(names) == 1:
            yield names[0], alike[0]
        else:
            yield from ((column.name, column) for column in alike)


def _bound(bound: float | None) -> str:
    return "" if bound is None else f"{bound:g}"


def _values(column: Column) -> str:
    if column.kind != "category":
        return ""
    return ", ".join(column.categories) or "any text"
