"""How people spell values: blanks around a text, truth values, missing values. One rule for every way in."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

# Unicode's White_Space, which Rust trims too. Python's str.strip takes four control characters more.
WHITESPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

TRUTH_VALUES: Mapping[str, bool] = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
"""Truth values in lower case. 1 and 0 are truth values only where a contract says so."""
# A separator of thousands, each alone.
THOUSANDS = (
    r"^[+-]?(?:"
    + "|".join(rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+" for mark in (",", "'", "\u2019", "[ \xa0\u202f]"))
    + r")(?:\.[0-9]+)?$"
)
"""A number whose thousands are separated by commas, apostrophes or spaces. 0,125 isn't one."""
_THOUSANDS = re.compile(THOUSANDS)
_TRUTH_WORDS = ("true", "false")

MISSING_TEXTS = frozenset({"na", "n/a", "#n/a", "#na", "<na>", "nan", "null", "(null)", "\\n", "?"})
"""Missing values in lower case, where a column of text lists its categories and this isn't one of them."""
MISSING_NUMBERS = MISSING_TEXTS | {
    "-",
    "--",
    "---",
    "\N{EN DASH}",
    "\N{EM DASH}",
    ".",
    "none",
    "nil",
    "n.a.",
    "-nan",
    "#n/a n/a",
}
"""Missing values in lower case, where a column has anything but text."""


DATETIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r"(?: ?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2}))?)?$"
)
"""A date, perhaps with a time of day and its zone (ISO 8601), as a regular expression of Python, Rust and RE2."""


def read_datetime(text: str) -> datetime:
    """The time that a text which matches DATETIME means, in UTC, to the microsecond. Raises ValueError."""
    moment = datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-").replace(" Z", "Z").upper())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def strip(text: str) -> str:
    """The text without whitespace around it."""
    return text.strip(WHITESPACE)


def join_thousands(text: str) -> float | str:
    """The number whose thousands are separated in a text; any other text as it is."""
    match = _THOUSANDS.fullmatch(text)
    return float("".join(each for each in text if each in "+-.0123456789")) if match else text


def respell(texts: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Text → which of the known values it spells, for those texts that spell one otherwise.

    A truth value in other letters (or as 1 and 0 where the known values are true and false) is the same, and so is a
    number with other digits: "1.0" spells "1". Codes with leading zeros are no numbers.
    """
    known = tuple(known)
    exact = frozenset(known)
    truths = {value.lower(): value for value in known if value.lower() in _TRUTH_WORDS}
    is_truth = len(truths) == len(exact) == 2
    numbers = {number: value for value in known if (number := _number(value)) is not None}
    if len(numbers) < len(exact):
        numbers = {}
    found: dict[str, str] = {}
    for text in texts:
        if text in exact:
            continue
        word = text.lower()
        if word in truths:
            found[text] = truths[word]
        elif is_truth and word in TRUTH_VALUES:
            found[text] = truths[str(TRUTH_VALUES[word]).lower()]
        elif numbers:
            number = float(word == "true") if word in _TRUTH_WORDS and set(numbers) == {0.0, 1.0} else _number(text)
            if number in numbers:
                found[text] = numbers[number]
    return found


def _number(text: str) -> float | None:
    """The number that a text writes in plain ASCII digits, without leading zeros; None for any other text."""
    whole, _, rest = text.removeprefix("-").partition(".")
    if not (whole.isascii() and whole.isdigit()) or (len(whole) > 1 and whole[0] == "0"):
        return None
    if "." in text and not (rest.isascii() and rest.isdigit()):
        return None
    return float(text)
