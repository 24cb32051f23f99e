"""An operation and its parameters, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Operation:
    """An operation and its parameters, by the names that they have in its protocol."""

    name: str
    parameters: Mapping[str, Any]

    def text(self, *names: str) -> str:
        """The first of these parameters that was given; "" if none was."""
        return next((str(self.parameters[name]) for name in names if self.parameters.get(name)), "")


@dataclass(frozen=True)
class Asked:
    """An action on a resource, and the context keys of the service."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
