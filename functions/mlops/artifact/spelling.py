"""How people spell values: blanks around a text, truth values, missing values. One rule for every way in."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time

# Unicode's White_Space, which Rust trims too. Python's str.strip takes four control characters more.
WHITESPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_TRUTH_PAIRS = (("true", "false"), ("yes", "no"), ("on", "off"), ("y", "n"), ("t", "f"), ("1", "0"), ("1.0", "0.0"))
TRUTH_VALUES: Mapping[str, bool] = {
    word: value for pair in _TRUTH_PAIRS for word, value in zip(pair, (True, False), strict=True)
}
"""Truth values in lower case. What isn't true or false is one only where a contract or its labels say so."""
_ZERO_AND_ONE = frozenset({"0", "1", "0.0", "1.0"})
# A separator of thousands, each alone.
THOUSANDS = (
    r"^[+-]?(?:"
    + "|".join(rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+" for mark in (",", "'", "\u2019", "[ \xa0\u202f]"))
    + r")(?:\.[0-9]+)?$"
)
"""A number whose thousands are separated by commas, apostrophes or spaces. 0,125 isn't one."""
_THOUSANDS = re.compile(THOUSANDS)
PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
"""A number in ASCII digits: float takes digits of other scripts, underscores, nan and inf too."""

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
    "nat",
    "0000-00-00",
    "0000-00-00 00:00:00",
}
"""Missing values in lower case, where a column has anything but text."""


DATETIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r"(?: ?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2}))?)?$"
)
"""A date, perhaps with a time of day and its zone (ISO 8601), as a regular expression of Python, Rust and RE2."""


MIDNIGHT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(?::00(?:\.0{1,9})?)?(?: ?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2}))?$"
"""A date that is written with the time at which it begins, as a regular expression; its group is the date."""


TIME = r"^(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?$"
"""A time of day without a date or a zone, as a regular expression of Python, Rust and RE2."""


def read_time(text: str) -> time:
    """The time of day that a text which matches TIME means, to the microsecond."""
    return time.fromisoformat(text if text[1] != ":" else f"0{text}")


def read_datetime(text: str) -> datetime:
    """The time that a text which matches DATETIME means, in UTC, to the microsecond. Raises ValueError."""
    moment = datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-").replace(" Z", "Z").upper())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def whole_day(text: str) -> str:
    """The date alone of one that is written with the time at which it begins; any other text as it is."""
    return re.sub(MIDNIGHT, r"\1", text)


def strip(text: str) -> str:
    """The text without whitespace around it."""
    return text.strip(WHITESPACE)


def join_thousands(text: str) -> float | str:
    """The number whose thousands are separated in a text; any other text as it is."""
    match = _THOUSANDS.fullmatch(text)
    return float("".join(each for each in text if each in "+-.0123456789")) if match else text


def respell(texts: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Text → which of the known values it spells, for those texts that spell one otherwise.

    A truth value in other letters ("YES" for "yes") is the same. If the known values are true and false, yes and no, or
    1 and 0, each spelling of a truth value is one of them. A number with other digits is the same too: "1.0" spells
    "1". Codes with leading zeros are no numbers.
    """
    known = tuple(known)
    exact = frozenset(known)
    words = {value.lower(): value for value in known if value.lower() in TRUTH_VALUES}
    truths = {TRUTH_VALUES[word]: value for word, value in words.items()} if is_truth_pair(known) else {}
    numbers = {number: value for value in known if (number := _number(value)) is not None}
    if len(numbers) < len(exact):
        numbers = {}
    found: dict[str, str] = {}
    for text in texts:
        if text in exact:
            continue
        word = text.lower()
        if word in words:
            found[text] = words[word]
        elif truths and word in TRUTH_VALUES:
            found[text] = truths[TRUTH_VALUES[word]]
        elif numbers and (number := _number(text)) in numbers:
            found[text] = numbers[number]
    return found


def is_truth_pair(values: Iterable[str]) -> bool:
    """Whether these are the two truth values, spelt alike: yes and no, or TRUE and FALSE, but not yes and 0."""
    words = sorted({value.lower() for value in values})
    if len(words) != 2 or not TRUTH_VALUES.keys() >= {*words}:
        return False
    alike = {*words} <= _ZERO_AND_ONE or any({*words} == {*pair} for pair in _TRUTH_PAIRS)
    return alike and TRUTH_VALUES[words[0]] != TRUTH_VALUES[words[1]]


def _number(text: str) -> float | None:
    """The number that a text writes in plain ASCII digits, without leading zeros; None for any other text."""
    whole, _, rest = text.removeprefix("-").partition(".")
    if not (whole.isascii() and whole.isdigit()) or (len(whole) > 1 and whole[0] == "0"):
        return None
    if "." in text and not (rest.isascii() and rest.isdigit()):
        return None
    return float(text)
