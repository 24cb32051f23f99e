"""One state machine."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.stepfunctions.execution import Machine


@dataclass
class StateMachine:
    """A state machine, with its definition as text."""

    arn: str
    name: str
    kind: str
    role: str
    text: str
    created: float
    logging: Mapping[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))
    updates: int = 0

    @property
    def as_run(self) -> Machine:
        """What an execution runs."""
        definition = json.loads(self.text)
        return Machine(self.arn, self.name, self.role, self.kind, definition, self.logging, self.revision)
