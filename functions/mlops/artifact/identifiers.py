"""How ids of users and items are spelled: one rule for datasets, requests and feedback."""

import re
from unicodedata import normalize

from mlops.artifact.spelling import WHITESPACE, strip

MAX_ID = 256
"""The most characters that an id may have."""

# A number that is written with a fraction of zeros. Codes with leading zeros are no numbers.
WHOLE_NUMBER = r"^(-?(?:0|[1-9][0-9]*))\.0+$"
"""A whole number with a decimal point, as a regular expression of Python and RE2; its group is the plain spelling."""
INNER_SPACE = f"[{WHITESPACE}]+"
_WHOLE = re.compile(WHOLE_NUMBER)
_INNER = re.compile(INNER_SPACE)
# Unicode's format characters (Cf) that texts are copied with: soft hyphens, zero-width spaces and joiners, marks of the
# direction, byte order marks.
_INVISIBLE = re.compile("[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def spell_id(value: str | int | float, *, fold_case: bool = False) -> str:
    """The id that a text or a JSON number means: stripped, "7" for 7, 7.0 and "7.0"; "" where nothing can be seen.

    With `fold_case`, "Red  Shoe" and "red shoe" are one id, and so are texts that only invisible characters or the
    composition of accents tell apart.
    """
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else strip(str(value))
    text = _WHOLE.sub(r"\1", text)
    if not fold_case and text.isascii():
        return text
    seen = strip(_INVISIBLE.sub("", text))
    if not fold_case:
        return text if seen else ""
    return _WHOLE.sub(r"\1", normalize("NFC", _INNER.sub(" ", normalize("NFC", seen)).casefold()))
