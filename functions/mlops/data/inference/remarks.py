"""What a draft says of a column: why it's left out, and how its cells are read where people wouldn't expect it."""

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from mlops.artifact.spelling import MISSING_TEXTS, respell
from mlops.contract import Column, Target
from mlops.data.cells import MAX_WHOLE
from mlops.data.inference.spellings import (
    GLANCE,
    MOSTLY,
    find_lookalikes,
    has_text,
    is_beyond_floats,
    is_code,
    missing_texts,
    note_missing,
)
from mlops.data.kinds import as_kind
from mlops.data.text import LONGEST_SHOWN, can_be, shorten, trimmed_text

TIME_NOTE = (
    "{!r} is read as times of day, in hours since midnight (08:30 is 8.5); durations or ratios would have to be "
    "written as numbers."
)
_ONE_COMMA = r"^[+-]?[1-9]\d{0,2},\d{3}$"
# Beside these the comma of 1,234 is one between thousands: what has three decimals has them in every cell.
_SURELY_THOUSANDS = r"^[+-]?(?:[1-9]\d{0,2}(?:(?:,\d{3}){2,}(?:\.\d+)?|,\d{3}\.\d+)|\d*\.\d+|[1-9]\d{0,2})$"
_YEARS = (1900, 2100)
_MONTH = re.compile(
    r"(?:19|20)\d\d[-/.](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[-/.](?:19|20)\d\d|[A-Z][a-z]{2}[- ](?:\d\d){1,2}"
)
SOME_NUMBERS = 0.2
"""From this share of its cells on, numbers in a column of text are worth a remark."""
MANY_WORDS = 3
MOST_COMPARED = 10_000
MIN_KNOWN = 10
"""A column with fewer values has none in some parts of the rows that are learnt from."""


def note_useless(cells: pa.ChunkedArray) -> str:
    """Why nothing can be learnt from a column that isn't empty; "" if something may be."""
    known = as_kind(cells, "category", MISSING_TEXTS).values.dropna()
    if len(known) < min(MIN_KNOWN, len(cells)):
        return f"has {len(known):,} value{'s' if len(known) > 1 else ''} in {len(cells):,} rows, too few to learn from"
    if len(known) == len(cells) and known.nunique() == 1:
        return "is the same in every row"
    return ""


def note_spelling(column: Column, cells: pa.ChunkedArray) -> Iterator[str]:
    """What a person wouldn't expect of how the column's cells are read."""
    if counts := missing_texts(cells, column.kind):
        yield note_missing(column, counts)
    match column.kind:
        case "time":
            yield TIME_NOTE.format(column.name)
        case "boolean":
            spelt = _values(cells)
            if not {text.lower() for text in spelt} <= {"true", "false"}:
                shown = ", ".join(sorted(spelt))
                yield f"{column.name!r} has truth values in several spellings ({shown}): it's a boolean."
        case "number" | "integer":
            yield from _note_ambiguous(column.name, cells)
        case "category":
            yield from _note_lookalikes(column.name, cells, column.categories)
            yield from _note_numbers(column.name, cells)
            yield from _note_months(column.name, cells)


def _note_ambiguous(name: str, cells: pa.ChunkedArray) -> Iterator[str]:
    """That numbers are read in one of two ways in which people write such: 1,234, and 20260131."""
    if has_text(cells):
        text = trimmed_text(cells)
        grouped = text.filter(pc.match_substring_regex(text, _ONE_COMMA))
        if len(grouped) and not pc.any(pc.match_substring_regex(text, _SURELY_THOUSANDS)).as_py():
            shown = grouped[0].as_py()
            whole, fraction = shown.replace(",", ""), shown.replace(",", ".")
            yield f"{name!r}: {shown!r} is read as {whole}; if it is {fraction}, write it with a point."
    known = as_kind(cells, "number").values.dropna().to_numpy()
    months, days = known // 100 % 100, known % 100
    like_dates = (known // 10_000 >= _YEARS[0]) & (known // 10_000 <= _YEARS[1])
    like_dates &= (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
    if len(known) and like_dates.all():
        yield f"{name!r} has numbers that look like dates, such as {known[0]:.0f}; write dates like 2026-01-31."


def _note_numbers(name: str, cells: pa.ChunkedArray) -> Iterator[str]:
    """That numbers in a column of text are text."""
    if not has_text(cells) and not can_be(cells, "integer"):
        return
    numbers = as_kind(cells, "number")
    share = float(numbers.values.notna().sum()) / max(1, int((~numbers.missing).sum()))
    if share < MOSTLY:
        if share >= SOME_NUMBERS:
            yield _note_mixture(name, cells.filter(pa.array(numbers.unreadable)), share)
    elif is_code(cells):
        yield f"{name!r} has codes with leading zeros: it's text, in which 1 and 01 are different."
    elif is_beyond_floats(cells):
        yield f"{name!r} has whole numbers beyond {MAX_WHOLE:,.0f}, which no model tells apart: it's text."


def _note_months(name: str, cells: pa.ChunkedArray) -> Iterator[str]:
    """That months are text, among which one that is to come is as strange as any other."""
    texts = _values(cells.slice(0, GLANCE))
    if texts and all(_MONTH.fullmatch(text) for text in texts):
        yield f"{name!r} has months as texts, such as {texts[0]!r}; as dates, like 2026-01-01, they would be in order."


def _note_mixture(name: str, others: pa.ChunkedArray, share: float) -> str:
    """That a column is neither all numbers nor all texts; `others` are the cells that are no numbers."""
    texts = [str(text) for text in as_kind(others, "category").values.value_counts().index]
    if len(texts) > MANY_WORDS or len(max(texts, key=len)) > LONGEST_SHOWN:
        return f"{name!r} has numbers in {share:.0%} of its cells, and others such as {shorten(texts[0])!r}: it's text."
    words = f"({', '.join(map(repr, texts))},)" if len(texts) == 1 else f"({', '.join(map(repr, texts))})"
    return (
        f"{name!r} has numbers in {share:.0%} of its cells, and {' and '.join(map(repr, texts))} in the others: "
        f"it's text. If that means a missing value, make it a number(…) with missing_values={words}."
    )


def _note_lookalikes(name: str, cells: pa.ChunkedArray, categories: Sequence[str] = ()) -> Iterator[str]:
    """That texts are different which people would take for the same."""
    texts = categories or _values(cells)
    if len(texts) <= MOST_COMPARED and (pair := find_lookalikes(texts)):
        first, second = (repr(shorten(text)) for text in sorted(pair))
        yield f"{name!r} has texts that look alike and are different, such as {first} and {second}."


def note_target(target: Target, cells: pa.ChunkedArray) -> Iterator[str]:
    if not target.labels:
        yield from _note_ambiguous(target.name, cells)
        return
    counts = as_kind(cells, "category", missing_texts(cells, "category")).values.value_counts()
    others = {str(text): int(count) for text, count in counts.items() if str(text) not in target.labels}
    spelt = respell(others, target.labels)
    rare = [text for text in others if text not in spelt]
    if rare:
        shown = " and ".join(f"{shorten(text)!r} ({others[text]:,})" for text in rare[:MANY_WORDS])
        more = f" and {len(rare) - MANY_WORDS} more" if len(rare) > MANY_WORDS else ""
        yield f"{shown}{more} is the {target.name} of too few rows to learn it: they are left out."
    yield from _note_lookalikes(target.name, cells, target.labels)


def count_texts(column: Column, table: pa.Table) -> int:
    """The different texts of a column that doesn't list them."""
    if column.kind != "category" or column.categories:
        return 0
    return int(as_kind(table[column.name], "category").values.nunique())


def note_texts(name: str, count: int) -> str:
    return f"{name!r} has {count:,} different texts: the model gets the mean of the target for each (target_encoded)."


def _values(cells: pa.ChunkedArray) -> list[str]:
    return [str(text) for text in as_kind(cells, "category", MISSING_TEXTS).values.dropna().unique()]
