"""What a state's expressions can read: its input or result, the context object, and variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localaws.stepfunctions.language.paths import CONTEXT, INPUT, Path, PathError


@dataclass(frozen=True)
class Scope:
    """`value` is what `$` stands for in a path; `context` what `$$` does."""

    value: Any
    context: Mapping[str, Any]
    variables: Mapping[str, Any]

    def read(self, path: Path) -> Any:
        """The value of a path; raises PathError."""
        if path.root == INPUT:
            return path.read(self.value)
        if path.root == CONTEXT:
            return path.read(self.context)
        if path.root not in self.variables:
            raise PathError(f"The variable '${path.root}' in '{path.text}' isn't assigned.")
        return path.read(self.variables[path.root])

    def of(self, value: Any) -> Scope:
        """The same with another value for `$`."""
        return Scope(value, self.context, self.variables)
