"""Finds the state to test in a definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localaws.stepfunctions.language import fields

State = Mapping[str, Any]


def states_within(definition: Mapping[str, Any], language: str = fields.JSONPATH) -> Iterator[tuple[str, State, str]]:
    """Each state of a valid state machine, nested ones too: its name, the state, and its query language."""
    language = definition.get("QueryLanguage", language)
    for name, state in definition["States"].items():
        inner = state.get("QueryLanguage", language)
        yield name, state, inner
        parts = [*state.get("Branches", ()), *(state[each] for each in ("ItemProcessor", "Iterator") if each in state)]
        for part in parts:
            yield from states_within(part, inner)
