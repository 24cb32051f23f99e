"""Numbers and dates in a notation that isn't read: they are named, with the remedy, and are never taken for texts."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from mlops.artifact.spelling import MISSING_NUMBERS, TIME
from mlops.data.cells import MAX_WHOLE
from mlops.data.inference.spellings import GLANCE, MOSTLY, has_text, is_beyond_floats
from mlops.data.kinds import MAX_NUMBER, as_kind
from mlops.data.text import DECIMAL_COMMA, ENDLESS, NUMBER, can_be, shorten, trimmed_text

_GROUPED = r"^[+-]?[\d.,' \x{a0}\x{202f}\x{2019}]+(?:[eE][+-]?\d+)?$"
_AMOUNT = r"[\d,.' \x{a0}\x{202f}\x{2019}]*\d"
# Signs of currencies, and the codes of those that are written most.
_CURRENCY = r"(?:\p{Sc}|(?:A|C|HK|NZ|R|S|US)\$|Rs\.?|kr\.?|USD|EUR|CHF|GBP|JPY|CNY|INR|AUD|CAD|SEK|NOK|DKK|PLN|CZK|BRL)"
# What people put around numbers: about, below, a remark, a text for spreadsheets, characters that can't be seen.
_MARK = r"[~<>=*'\"`^\x{b1}\x{2248}\x{2264}\x{2265}\p{Cf}]{1,2}"
_DECORATED = (
    rf"^[+-]?(?:{_CURRENCY}[ \x{{a0}}]?[+-]?{_AMOUNT}|{_AMOUNT}[ \x{{a0}}]?(?:[%\x{{2030}}]|{_CURRENCY})"
    rf"|\({_CURRENCY} ?{_AMOUNT}\)|{_MARK} ?[+-]?{_AMOUNT}(?: ?{_MARK})?|[+-]?{_AMOUNT} ?{_MARK})$"
)
# A minus sign that isn't the hyphen, or stands behind, parentheses for it, underscores between thousands, digits of
# another script, and commas between the thousands and hundreds of thousands of India.
_UNUSUAL = (
    r"^(?:[\x{2212}\x{2013}] ?[\d.,]*\d|[\d.,]*\d ?[-\x{2212}]|\( ?[\d.,]*\d ?\)|[+-]?\d+(?:_\d+)+(?:\.\d+)?"
    r"|[+-]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?|[+-]?\p{Nd}*[^\x00-\x7F\P{Nd}][\p{Nd}.,]*)$"
)
_WITH_UNIT = (
    r"^[+-]?(?:(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d+)?|\.\d+)"
    r" ?[\p{L}\x{b0}\x{b5}][\p{L}\x{b0}\x{b2}\x{b3}/]{0,11}[23]?\.?(?: \p{L}{1,6}\.?)?$"
)
_UNIT = r"^[\d.,+ -]+"
_FACTORS = frozenset({"k", "m", "mn", "mio", "b", "bn", "t"})
"""Thousands, millions and more."""
_MANY = 0.5
_FEW_VALUES = 12
"""A column of fewer texts that end alike, such as 4K and 8K, is one of names."""
_CLOCK = r"^\d+:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?$"
_END_OF_DAY = r"^24:00(?::00)?$"
_CLOCK_OF_TWELVE = r"^\d{1,2}(?::\d{2}){1,2}(?:\.\d+)? ?(?i:[ap]\.?m\.?)$"
_HOURS = r"^\d{1,2}(?:\.[0-5]\d ?(?i:uhr)|:[0-5]\d(?::[0-5]\d)? ?(?i:uhr|h))$"
_PART = (
    r"\d+(?:[.,]\d+)? ?(?i:y(?:ea)?rs?|months?|w(?:ee)?ks?|d(?:ays?)?|h(?:(?:ou)?rs?)?"
    r"|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?|ms)\.?"
)
# In parts with their units, in those of ISO 8601, and as a clock with days, a sign or fractions of seconds.
_DURATION = (
    rf"^[+-]?(?:{_PART}(?:(?:, ?| and | )?{_PART})*(?: ?\d{{1,2}})?"
    r"|P(?:\d+(?:[.,]\d+)?[YMWD])+(?:T(?:\d+(?:[.,]\d+)?[HMS])+)?|PT(?:\d+(?:[.,]\d+)?[HMS])+"
    r"|(?:\d+ days?,? )?[+-]?\d+:[0-5]\d(?::[0-5]\d)?(?:[.,]\d+)?)$"
)
# Whole numbers up to 999, and larger ones with points: nothing that rounds writes 1.950 and 137 in one column.
_POINTED = r"^[+-]?(?:\d{1,3}|[1-9]\d{0,2}(?:\.\d{3})+)$"
_HUNDREDS = r"^[+-]?[1-9]\d\d$"
_ROUND = r"\.\d\d0$"
_DAY = r"(?i:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
# The months of other languages are any word between a day and a year.
# Dates in ISO 8601 are among them, for those whose time or zone is written otherwise, and those of single digits.
_DATE = (
    rf"^{_DAY}(?:\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{4}}|\d{{1,2}}/\d{{1,2}}/\d{{2}}|(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.\d{{2}}|\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}"
    r"|\d{1,2}\.?(?:[ -]| de )\p{L}{3,10}\.?,?(?:[ -]| de )\d{4}"
    r"|\d{4}[年년] ?\d{1,2}[月월] ?\d{1,2}[日일]|\d{4}-?W\d{2}-?\d"
    rf"|\d{{1,2}}\.?[ -]{_MONTH},?[ -]\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}}|{_MONTH} +\d{{1,2}} \d{{2}}:\d{{2}}.*"
    r"|\d{8}T\d{4,6}(?:\.\d+)?(?:[zZ]|[+-]\d{2}:?\d{2})?)(?:,?[ T]+\d{1,2}(?::\d{2}.*)?)?$"
)


def find_notation(cells: pa.ChunkedArray) -> str | None:
    """What keeps most cells of a column from being numbers or dates, with the remedy; None if something else does.

    `cells` are of a column that is neither as it is.
    """
    if not has_text(cells):
        return _find_endless(cells)
    text = _given(trimmed_text(cells))
    if has_points(text):
        return (
            f"has numbers such as {_first(text, _ROUND)!r} beside {_first(text, _HUNDREDS)!r}, whose points seem to "
            "stand between thousands; write them without, or every decimal"
        )
    # The first rows decide for most columns.
    glance = text.slice(0, GLANCE)
    for find in (_find_numbers, _find_clocks, _find_units, _find_durations, _find_dates):
        if len(text) and find(glance) and (found := find(text)):
            return found
    return None


def _find_endless(cells: pa.ChunkedArray) -> str | None:
    """Typed numbers of which many are infinite, or too large."""
    if not can_be(cells, "integer") or pa.types.is_null(cells.type):
        return None
    wrong = pa.array(as_kind(cells, "number").unreadable)
    return _describe_endless(str(cells.filter(wrong)[0].as_py())) if pc.any(wrong).as_py() else None


def _find_numbers(text: pa.ChunkedArray) -> str | None:
    ways: tuple[tuple[str, Callable[[str], str]], ...] = (
        (DECIMAL_COMMA, lambda shown: f"has numbers with decimal commas, such as {shown!r}; write them with a point"),
        (
            _DECORATED,
            lambda shown: f"has numbers with signs around them, such as {shown!r}; write the numbers alone",
        ),
        (_UNUSUAL, lambda shown: f"has numbers that aren't written as such, like {shown!r}; write them like -1234.5"),
    )
    odd = [pc.match_substring_regex(text, pattern) for pattern, _ in ways]
    grouped = pc.match_substring_regex(text, _GROUPED)
    if _are_most(*odd, grouped, pc.match_substring_regex(text, NUMBER)):
        for found, (pattern, describe) in zip(odd, ways, strict=True):
            if pc.any(found).as_py():
                return describe(_first(text, pattern))
    if _are_most(pc.match_substring_regex(text, ENDLESS)):
        wrong = pa.array(as_kind(text, "number").unreadable)
        return _describe_endless(text.filter(wrong)[0].as_py()) if pc.any(wrong).as_py() else None
    return None


def find_others(cells: pa.ChunkedArray) -> str | None:
    """What keeps a column of many numbers from being one, where no notation does, with the remedy; None if few are."""
    if is_beyond_floats(cells):
        return f"has whole numbers beyond {MAX_WHOLE:,.0f}, which floating point doesn't tell apart; scale them"
    if not has_text(cells):
        return None
    numbers = as_kind(cells, "number")
    if not numbers.unreadable.any() or numbers.values.notna().sum() < _MANY * (~numbers.missing).sum():
        return None
    other = trimmed_text(cells).filter(pa.array(numbers.unreadable))[0].as_py()
    return f"has numbers, and others such as {shorten(other)!r}; leave those cells empty, or write numbers in them"


def has_points(cells: pa.ChunkedArray) -> bool:
    """Whether points stand between the thousands of text cells that could be read as numbers: 1.950 beside 137."""
    if not has_text(cells):
        return False
    for part in (cells.slice(0, GLANCE), cells):  # the first rows decide for most columns
        text = _given(trimmed_text(part))
        if not len(text) or not pc.all(pc.match_substring_regex(text, _POINTED)).as_py():
            return False
    return all(pc.any(pc.match_substring_regex(text, pattern)).as_py() for pattern in (_HUNDREDS, _ROUND))


def has_durations(cells: pa.ChunkedArray) -> bool:
    """Whether some cells are written like times of day, and are of none: 26:15."""
    if not has_text(cells):
        return False
    return bool(pc.any(_are_durations(trimmed_text(cells))).as_py())


def _are_durations(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which texts are written like times of day, but lie beyond the end of it."""
    within = pc.or_(pc.match_substring_regex(text, TIME), pc.match_substring_regex(text, _END_OF_DAY))
    return pc.and_(pc.match_substring_regex(text, _CLOCK), pc.invert(within))


def _find_clocks(text: pa.ChunkedArray) -> str | None:
    """Durations, such as 26:15, and times of day with a word, such as PM."""
    for pattern in (_CLOCK_OF_TWELVE, _HOURS):
        if _are_most(pc.match_substring_regex(text, pattern)):
            return f"has times of day such as {_first(text, pattern)!r}; write them like 08:30 and 20:30"
    if not _are_most(pc.match_substring_regex(text, _CLOCK)) or not has_durations(text):
        return None
    shown = text.filter(_are_durations(text))[0].as_py()
    return f"has durations or ratios, such as {shown!r}; write them as numbers, such as minutes"


def _find_units(text: pa.ChunkedArray) -> str | None:
    """Numbers that are all followed by the same word; NUMBER alone may stand among them."""
    odd = pc.match_substring_regex(text, _WITH_UNIT)
    if not _are_most(odd, pc.match_substring_regex(text, NUMBER)) or not pc.any(odd).as_py():
        return None
    units = pc.unique(pc.utf8_trim_whitespace(pc.replace_substring_regex(text.filter(odd), _UNIT, "")))
    if len(pc.unique(text)) <= _FEW_VALUES:
        return None
    if len(units) > 1:
        if not {unit.lower() for unit in units.to_pylist()} <= _FACTORS:
            return None
        shown = _first(text, _WITH_UNIT)
        return f"has numbers with letters for thousands or more, such as {shown!r}; write them in full"
    return f"has numbers with a unit, such as {_first(text, _WITH_UNIT)!r}; write the numbers alone"


def _find_durations(text: pa.ChunkedArray) -> str | None:
    """Durations in parts, such as 2h 5m; few different ones are names."""
    if len(pc.unique(text)) <= _FEW_VALUES:
        return None
    if not _are_most(pc.match_substring_regex(text, _DURATION)):
        return None
    shown = _first(text, _DURATION)
    return f"has durations, such as {shown!r}; write them as numbers, such as minutes, and times of day like 08:30"


def _find_dates(text: pa.ChunkedArray) -> str | None:
    if not _are_most(pc.match_substring_regex(text, _DATE)):
        return None
    return f"has dates, such as {_first(text, _DATE)!r}; write them like 2026-01-31, with the time like 08:30:00"


def _describe_endless(shown: str) -> str:
    return (
        f"has numbers beyond {MAX_NUMBER:.1e}, such as {shorten(shown)!r}, which no model takes; scale them, or leave "
        "them out"
    )


def _given(text: pa.ChunkedArray) -> pa.ChunkedArray:
    missing = pa.array(["", *MISSING_NUMBERS])
    return text.filter(pc.invert(pc.is_in(pc.utf8_lower(text), missing)))


def _are_most(*found: pa.ChunkedArray) -> bool:
    """Whether in most cells one of these is true."""
    some = found[0]
    for each in found[1:]:
        some = pc.or_(some, each)
    return bool(pc.mean(some.cast(pa.float64())).as_py() >= MOSTLY)


def _first(text: pa.ChunkedArray, pattern: str) -> str:
    found: str = text.filter(pc.match_substring_regex(text, pattern))[0].as_py()
    return shorten(found)
