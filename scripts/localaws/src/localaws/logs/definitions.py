"""Saved Insights queries.

As on AWS, a saved query is compiled only when it's run.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogsBackend


@dataclass(frozen=True)
class QueryDefinition:
    """One saved query. `modified` is milliseconds since 1970."""

    definition_id: str
    name: str
    text: str
    groups: list[str]
    modified: int

    def describe(self) -> dict[str, Any]:
        """The definition as the API describes it."""
        return {
            "queryLanguage": "CWLI",
            "queryDefinitionId": self.definition_id,
            "name": self.name,
            "queryString": self.text,
            "lastModified": self.modified,
            "logGroupNames": self.groups,
        }


def put(
    backend: LogsBackend, *, name: str, text: str, groups: list[str], definition_id: str | None, now: float
) -> QueryDefinition:
    """Save a query, or replace the one with `definition_id`; `now` is epoch seconds.

    Raises ResourceNotFoundException for an unknown id.
    """
    if definition_id is not None:
        _find(backend, definition_id)
    key = definition_id or str(uuid.uuid4())
    definition = QueryDefinition(key, name, text, groups, int(now * 1000))
    _store(backend)[key] = definition
    return definition


def saved(backend: LogsBackend) -> list[QueryDefinition]:
    """The saved queries by name."""
    return sorted(_store(backend).values(), key=lambda definition: definition.name)


def delete(backend: LogsBackend, definition_id: str) -> None:
    """Delete a saved query. Raises ResourceNotFoundException for an unknown id."""
    del _store(backend)[_find(backend, definition_id).definition_id]


def _find(backend: LogsBackend, definition_id: str) -> QueryDefinition:
    definition = _store(backend).get(definition_id)
    if definition is None:
        raise ResourceNotFoundException(f"The specified query definition does not exist: {definition_id}")
    return definition


def _store(backend: LogsBackend) -> dict[str, QueryDefinition]:
    """Stored in the backend, so that moto's reset deletes it."""
    store: dict[str, QueryDefinition] = vars(backend).setdefault("query_definitions", {})
    return store
