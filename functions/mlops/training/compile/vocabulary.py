"""Texts as numbers: the categories are encoded once, and every step works on the codes."""

from typing import Any

from mlops.artifact.inputs import MISSING_TEXT

UNKNOWN, MISSING = 0, 1  # codes of a text that no step knows, and of a missing one


class Vocabulary:
    """The texts that the estimator's steps know, each with one code for the whole graph."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {MISSING_TEXT: MISSING}

    def __len__(self) -> int:
        """How many codes there are: the texts, the missing one and the unknown one."""
        return len(self._codes) + 1

    def code(self, text: str | None) -> int:
        """The code of a text, a new one if no step spoke of it before; None is the missing text."""
        return self._codes.setdefault(text or MISSING_TEXT, len(self))

    def encoder(self) -> dict[str, Any]:
        """The attributes of the LabelEncoder node from texts to codes."""
        return {
            "keys_strings": list(self._codes),
            "values_int64s": list(self._codes.values()),
            "default_int64": UNKNOWN,
        }
