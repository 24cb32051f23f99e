"""What was inferred from a first dataset, as a table for people and as a document for programs."""

from collections.abc import Iterator, Sequence

from rich.markup import escape

from cli.stack import console
from cli.table import Table
from mlops.contract import Column
from mlops.data.inference import Draft
from mlops.data.inference.families import stem
from mlops.data.inference.spec_file import in_braces
from mlops.spec.boosting import installed_libraries

WIDEST = 40
"""Characters that are shown of a name or a category."""


def print_draft(draft: Draft) -> None:
    """Print the target, a table of the columns, and the notes on what to review."""
    console.print(_target(draft))
    console.print(_columns(draft))
    for note in draft.notes:
        console.print(f"[yellow]![/] {escape(note)}")
    if libraries := installed_libraries():
        words = ", ".join(f'"{name}"' for name in libraries)
        console.print(f"boosting=({words},) in the spec adds candidates of these libraries, which are installed here")


def to_document(draft: Draft) -> dict[str, object]:
    """The draft's fields, ready for JSON."""
    return {
        "model": draft.name,
        "target": draft.target.model_dump(exclude_defaults=True),
        "columns": [column.model_dump(exclude_defaults=True) for column in draft.columns],
        "key": draft.key,
        "ignored": draft.ignored,
        "max_rejected": draft.max_rejected,
        "boosting": installed_libraries(),
        "notes": draft.notes,
    }


def _target(draft: Draft) -> str:
    target = draft.target
    question = {
        "binary": f"{target.positive} or not",
        "multiclass": f"one of {len(target.labels)}: {', '.join(target.labels)}",
        "regression": f"a number{f' in {target.unit}' if target.unit else ''}",
    }
    return f"[bold]{escape(target.name)}[/] {target.task} ({escape(question[target.task])})"


def _columns(draft: Draft) -> Table:
    table = Table()
    for heading in ("column", "kind", "from", "to", "missing", "values"):
        table.add_column(heading, justify="right" if heading in ("from", "to") else "left", no_wrap=heading != "values")
    for name, column in _families(draft.columns):
        table.add_row(
            escape(_short(name)),
            column.kind,
            _bound(column.minimum),
            _bound(column.maximum),
            "" if column.required else "allowed",
            escape(_values(column)),
        )
    for name in draft.key:
        table.add_row(escape(_short(name)), "[dim]key[/]", "", "", "", "")
    for name in draft.ignored:
        table.add_row(escape(_short(name)), "[dim]ignored[/]", "", "", "", "")
    return table


def _families(columns: Sequence[Column]) -> Iterator[tuple[str, Column]]:
    """Columns by name; those that are numbered without a gap as one."""
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
    return ", ".join(map(_short, column.categories)) or "any text"


def _short(text: str) -> str:
    """A text in one line of the table, which leaves room for the others."""
    line = text.translate({ord(each): repr(each)[1:-1] for each in "\n\r\t"})
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…"
