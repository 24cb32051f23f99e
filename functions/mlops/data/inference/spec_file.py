"""A draft as the source of a model spec: one line a column, or one for several alike if 25 lines aren't enough."""

import json
import re
from collections.abc import Iterator, Sequence

from mlops.contract import Column
from mlops.data.inference.draft import Draft
from mlops.data.inference.families import stem
from mlops.errors.training import SpecInvalid
from mlops.spec.table import METRICS, count_names, expand

MAX_LINES = 25
LONGEST_NUMBER = 18
"""Digits of a number in names of a range; Python reads no number of some thousands."""
WIDTH = 120
MANY_LABELS = 6


def write_spec(draft: Draft, source: str) -> str:
    """The text of `functions/models/<name>.py` for a draft of the dataset named `source`.

    Raises SpecInvalid for a column or label whose name would be read as several, since it has braces.
    """
    for name in (*(column.name for column in draft.columns), *draft.target.labels):
        if list(expand(name)) != [name]:
            raise SpecInvalid(draft.name, f"{name!r} would stand for several names in it. Rename it in the dataset.")
    columns = [_column(column.name, column) for column in draft.columns]
    text = _file(draft, columns, source)
    if text.count("\n") > MAX_LINES:
        columns = [line for group in _alike(draft.columns) for line in _group(group)]
        text = _file(draft, columns, source)
    return text


def _file(draft: Draft, columns: Sequence[str], source: str) -> str:
    target = draft.target
    kinds = {"value" if target.task == "regression" else "labels", *(line.partition("(")[0] for line in columns)}
    options = {
        "key": draft.key,
        "ignored": draft.ignored,
        "max_rejected": draft.max_rejected,
        "target_encoded": draft.target_encoded,
        "log_target": draft.log_target,
        "repeats": draft.repeats if draft.repeats != "refuse" else None,
    }
    count = f"{len(draft.columns)} columns" if len(draft.columns) > 1 else "one column"
    purpose = f"Predicts {target.name} from {count} of {source}; drafted by `mlops models new`."
    lines = [
        f'"""{purpose}"""',
        "",
        f"from mlops.spec.table import {', '.join(sorted(kinds | {'table_spec'}))}",
        "",
        '# Columns also take unit=, description=, required=False (may be missing), privacy="hash" or "drop" (in logs).',
        "# The candidates are those of mlops/spec/candidates.py, unless candidates={...} names others.",
        "spec = table_spec(",
        f"    {_quote(draft.name)},",
        f"    {_target(draft)},",
        *(f"    {line}," for line in columns),
        *(f"    {name}={_python(value)}," for name, value in options.items() if value),
        f"    metric={_quote(METRICS[target.task])},",
        "    floors={},  # the worst test metrics that a champion may have",
        ")",
    ]
    return "\n".join([*lines, ""])


def _target(draft: Draft) -> str:
    target = draft.target
    if target.task == "regression":
        unit = f", unit={_quote(target.unit)}" if target.unit else ""
        return f"value({_quote(target.name)}{unit})"
    names = target.labels
    if len(names) > MANY_LABELS:
        names = tuple(in_braces(names, WIDTH // 2))
    positive = f", positive={_quote(target.positive)}" if target.positive else ""
    return f"labels({_quote(target.name)}, {', '.join(map(_quote, names))}{positive})"


def _column(name: str, column: Column) -> str:
    """A call of the function in mlops.spec.table that makes a column."""
    words = [_quote(name)]
    if column.minimum is not None and column.maximum is not None:
        words += [_number(column.minimum), _number(column.maximum)]
    words += map(_quote, column.categories)
    if column.unit and not (column.kind == "time" and column.unit == "h"):
        words.append(f"unit={_quote(column.unit)}")
    if not column.required:
        words.append("required=False")
    if column.missing_values:
        words.append(f"missing_values={_python(column.missing_values)}")
    if column.privacy != "keep":
        words.append(f"privacy={_quote(column.privacy)}")
    return f"{column.kind}({', '.join(words)})"


def _alike(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """Columns that differ in their names only, in groups."""
    groups: dict[str, list[Column]] = {}
    for column in columns:
        groups.setdefault(_column("", column), []).append(column)
    yield from groups.values()


def _group(columns: list[Column]) -> Iterator[str]:
    room = WIDTH - len(f"    {_column('', columns[0])},")
    yield from (_column(name, columns[0]) for name in in_braces([column.name for column in columns], room))


def in_braces(names: Sequence[str], room: int) -> Iterator[str]:
    """The names in fewer, with braces: numbered ones as ranges, others as lists of at most `room` characters."""
    stems: dict[str, list[str]] = {}
    for name in names:
        stems.setdefault(stem(name), []).append(name)
    rest: list[str] = []
    for alike in stems.values():
        ranges = _as_ranges(alike)
        # Two numbers of a million values each would be more names than memory has room for.
        if len(alike) > 1 and count_names(ranges) == len(alike) and [*expand(ranges)] == alike:
            yield ranges
        else:
            rest += alike
    line: list[str] = []
    for name in rest:
        if "," in name or "{" in name or "}" in name:
            yield name
        elif line and len(_listed([*line, name])) > room:
            yield _listed(line)
            line = [name]
        else:
            line.append(name)
    if line:
        yield _listed(line)


def _listed(names: list[str]) -> str:
    return f"{{{','.join(names)}}}" if len(names) > 1 else names[0]


def _as_ranges(names: list[str]) -> str:
    """The first name with each number as the range from it to the last name's."""
    last = iter(re.findall(r"\d+", names[-1]))

    def to_range(found: "re.Match[str]") -> str:
        end = next(last)
        is_one = end == found[0] or len(end) > LONGEST_NUMBER
        return found[0] if is_one else f"{{{found[0]}..{end}}}"

    return re.sub(r"\d+", to_range, names[0])


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _python(value: object) -> str:
    if isinstance(value, tuple):
        inner = ", ".join(_quote(str(each)) for each in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return _quote(value) if isinstance(value, str) else repr(value)
