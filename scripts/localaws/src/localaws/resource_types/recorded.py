"""Resources that their service records and describes; beyond that they have no effect on one machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import Rules

Made = Callable[[Any, Properties, Scope], tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Recorded:
    """One such type. `make` creates the resource by a client and returns its physical id and attributes.

    `note` says what it lacks; it's the note of all `accepted` properties. `remove` deletes the resource by its id.
    """

    name: str
    service: str
    note: str
    accepted: tuple[str, ...]
    make: Made
    remove: Callable[[Any, str, Properties], object]
    attributes: tuple[str, ...] = ()
    replaced_by: frozenset[str] = field(default_factory=frozenset)

    @property
    def properties(self) -> Rules:
        """All properties are accepted with the note."""
        return dict.fromkeys(self.accepted, self.note)

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the resource."""
        return Deployed(*self.make(scope.clients(self.service), properties, scope))

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Create the resource anew."""
        self.delete(physical_id, old, scope)
        return self.create(new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the resource; it's no error if it doesn't exist."""
        client = scope.clients(self.service)
        try:
            self.remove(client, physical_id, properties)
        except client.exceptions.ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            if not any(word in code for word in ("NotFound", "NoSuch", "DoesNotExist", "InvalidDocument")):
                raise
