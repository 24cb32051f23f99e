"""How the cells of a first dataset are spelt: missing values in words, codes, one value in several spellings."""

import re
import unicodedata
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from mlops.artifact.spelling import MISSING_NUMBERS, MISSING_TEXTS, TRUTH_VALUES, is_truth_pair, respell
from mlops.contract import Column, Kind
from mlops.data.cells import MAX_WHOLE
from mlops.data.text import is_text, trimmed_text

MOSTLY = 0.95
"""A column is of the kind of this share of its cells; the others are broken."""
GLANCE = 1_000
_MIN_CODES = 3
"""Among fewer codes of two letters, NA is no country."""
_CODE = r"^[+-]?0\d+$"
_TWO_LETTERS = re.compile(r"[A-Z]{2}")
_INVISIBLE = ("Cf", "Cc")
_SHOWN = 3


def has_text(cells: pa.ChunkedArray) -> bool:
    """Whether a column is of text, in a dictionary or not."""
    return is_text(cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type)


def is_code(cells: pa.ChunkedArray) -> bool:
    """Whether cells of whole numbers are codes: one of them has leading zeros, which no number has."""
    return has_text(cells) and bool(pc.any(pc.match_substring_regex(trimmed_text(cells), _CODE)).as_py())


def is_beyond_floats(cells: pa.ChunkedArray) -> bool:
    """Whether some of the whole numbers are beyond those that floating point tells apart."""
    if has_text(cells):
        long = trimmed_text(cells)
        long = long.filter(pc.match_substring_regex(long, r"^[+-]?\d{16,}(?:\.0+)?$"))
        return any(abs(int(text.as_py().partition(".")[0])) >= MAX_WHOLE for text in pc.unique(long))
    if pa.types.is_integer(cells.type):
        limits = pc.min_max(cells).as_py()
        return any(limit is not None and abs(limit) >= MAX_WHOLE for limit in limits.values())
    return False


def distinct_values(texts: Iterable[str]) -> list[str]:
    """The different values of texts, the most frequent first, each in its most frequent spelling.

    "TRUE" is another spelling of "True", and "1.0" of "1". If all are truth values in more spellings than one of each,
    such as "yes", "Y" and "1", there are two values, spelt alike.
    """
    texts = [*texts]
    found: list[str] = []
    for text in texts:
        if not respell([text], found):
            found.append(text)
    # Beside a text that came later another may be no spelling any more: "1.0" is one of "1", but not beside "01".
    spelt = respell(texts, found)
    found += [text for text in dict.fromkeys(texts) if text not in spelt and text not in found]
    plain = _plain(found, texts)
    if {*texts} <= {*plain, *respell(texts, plain)}:
        found = plain
    if is_truth_pair(found) and _opposite(found[0]) in texts:
        return [found[0], _opposite(found[0])]
    if len(found) < 3 or not {text.lower() for text in found} <= TRUTH_VALUES.keys():
        return found
    return [found[0], _opposite(found[0])]


def _opposite(text: str) -> str:
    """The other truth value, spelt alike: "NO" for "YES"."""
    other = next(word for word in TRUTH_VALUES if is_truth_pair((text, word)))
    return other.upper() if text.isupper() else other.title() if text.istitle() else other


def _plain(found: list[str], texts: Iterable[str]) -> list[str]:
    """The values found in texts, numbers without a point and zeros if some text is written so: "0" beside "1.0"."""
    if not any(text.isdigit() for text in texts):
        return found
    return [
        whole if point and not zeros.strip("0") else text
        for text in found
        for whole, point, zeros in [text.partition(".")]
    ]


def find_lookalikes(texts: Iterable[str]) -> tuple[str, str] | None:
    """Two texts that people would take for the same: other capital letters, or characters that can't be seen."""
    seen: dict[str, str] = {}
    for text in texts:
        folded = unicodedata.normalize("NFKC", text).casefold()
        shown = " ".join("".join(each for each in folded if unicodedata.category(each) not in _INVISIBLE).split())
        if shown in seen:
            return seen[shown], text
        seen[shown] = text
    return None


def missing_texts(cells: pa.ChunkedArray, kind: Kind) -> dict[str, int]:
    """Text that means a missing value in a column of a kind → in how many cells.

    In a column of text NA is no missing value among codes of two letters, of which NA is Namibia's.
    """
    if not has_text(cells):
        return {}
    usual = MISSING_TEXTS if kind == "category" else MISSING_NUMBERS
    counts = (
        {
            each["values"]: each["counts"]
            for each in pc.value_counts(trimmed_text(cells)).to_pylist()
            if each["values"].lower() in usual
        }
        if _has_any(cells, usual)
        else {}
    )
    if kind == "category" and "NA" in counts and _are_codes(cells):
        del counts["NA"]
    return counts


def note_missing(column: Column, counts: dict[str, int]) -> str:
    """A sentence on a column's missing values."""
    spelt = " and ".join(f"{text!r} ({count:,})" for text, count in list(counts.items())[:_SHOWN])
    return f"{column.name!r}: {spelt} {'is' if len(counts) == 1 else 'are'} read as a missing value."


def _has_any(cells: pa.ChunkedArray, usual: Iterable[str]) -> bool:
    words = pa.array([*usual], pa.string())
    return bool(pc.any(pc.is_in(pc.utf8_lower(trimmed_text(cells)), words)).as_py())


def _are_codes(cells: pa.ChunkedArray) -> bool:
    others = set(pc.unique(trimmed_text(cells)).to_pylist()) - {"", "NA"}
    return len(others) >= _MIN_CODES and sum(bool(_TWO_LETTERS.fullmatch(each)) for each in others) > len(others) / 2
