"""Fields of forms."""

import re

from mlops.console.session.gate import Form
from mlops.errors.console import FormInvalid

MOST_CHARACTERS = 1_000
"""Of a reason."""
_NUMBER = re.compile("[0-9]{1,9}")


def read_reason(form: Form) -> str:
    """Why somebody does it, on one line. Raises FormInvalid."""
    why = " ".join(form.get("why", "").split())
    if not why or len(why) > MOST_CHARACTERS:
        raise FormInvalid("why", f"a reason has 1 to {MOST_CHARACTERS:,} characters")
    return why


def read_number(form: Form, name: str) -> int:
    """A whole number. Raises FormInvalid."""
    given = form.get(name, "")
    if not _NUMBER.fullmatch(given):
        raise FormInvalid(name, "it's no whole number")
    return int(given)
