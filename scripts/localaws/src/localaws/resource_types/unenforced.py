"""Resource policies that exist only in their stack, since they aren't enforced."""

from __future__ import annotations

from dataclasses import dataclass

from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import NOT_ENFORCED, Rules


@dataclass
class Unenforced:
    """A policy that exists only in its stack; `accepted` are its properties."""

    name: str
    accepted: tuple[str, ...]
    replaced_by: frozenset[str] = frozenset()
    attributes: tuple[str, ...] = ()
    note: str = NOT_ENFORCED

    @property
    def properties(self) -> Rules:
        """All properties are accepted without effect."""
        return dict.fromkeys(self.accepted, self.note)

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Generate a name."""
        return Deployed(scope.generated_name())

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Keep its name."""
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Do nothing: it exists only in the stack."""
