"""Whether a column looks personal, by its name and by what its cells are."""

import re

import pandas as pd

from mlops.contract import Kind

_PERSONAL = re.compile(
    r"e-?mail|phone|address|birth|(?:first|last|sur|full)[ _-]?name|ssn|iban|passport", re.IGNORECASE
)
# Of numbers only these are personal; emails or addresses are counted there.
_NUMBERED = re.compile(r"phone|ssn|passport", re.IGNORECASE)
_BIRTH = re.compile(r"birth", re.IGNORECASE)
_FLAGS = frozenset({"yes", "no", "y", "n", "true", "false", "t", "f", "0", "1"})
_LEAST_NUMBER = 1e5
"""No number of a phone or a passport is smaller."""
_YEARS = (1900, 2100)


def looks_personal(name: str, kind: Kind, known: pd.Series) -> bool:
    """Whether a column of this name, in whose cells these values were seen, names or describes a person.

    Whether somebody has a phone service or takes e-mails is no personal name.
    """
    if not _PERSONAL.search(name) or kind == "boolean" or not len(known):
        return False
    if kind == "category":
        return not any(str(each).lower() in _FLAGS for each in known.unique())
    if kind in ("number", "integer"):
        if _NUMBERED.search(name):
            return bool(known.median() >= _LEAST_NUMBER)
        return bool(_BIRTH.search(name)) and bool(known.between(*_YEARS).all())
    return True
