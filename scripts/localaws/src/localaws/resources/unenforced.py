"""Policies of resources that have nothing else to them: they're in the stack, and nothing enforces them."""

from __future__ import annotations

from dataclasses import dataclass

from localaws.resources.base import Deployed, Properties, Scope


@dataclass
class Unenforced:
    """A policy that exists only in its stack."""

    name: str
    replaced_by: frozenset[str] = frozenset()

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Give it a name."""
        return Deployed(scope.generated_name())

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Keep its name."""
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Nothing is left of it."""


TYPES = (
    Unenforced("AWS::Events::EventBusPolicy"),
    Unenforced("AWS::Lambda::LayerVersionPermission"),
    Unenforced("AWS::Logs::ResourcePolicy"),
)
