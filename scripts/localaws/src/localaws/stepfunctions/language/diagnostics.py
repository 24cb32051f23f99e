"""What's wrong with a definition, and where, as ValidateStateMachineDefinition reports it."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"
INVALID_JSON = "INVALID_JSON_DESCRIPTION"
DUPLICATE = "DUPLICATE_STATE_NAME"
UNSUPPORTED = "NOT_SUPPORTED_BY_LOCAL_AWS"

# The keys and indices that lead to a place in a definition.
Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Diagnostic:
    """One error of a definition."""

    code: str
    message: str
    where: Where = ()

    @property
    def location(self) -> str:
        """The place, as a path."""
        parts = [f"[{part}]" if isinstance(part, int) else f"/{part}" for part in self.where]
        return "".join(parts) or "/"

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location}"


class Findings:
    """Collects diagnostics."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def wrong(self, where: Where, message: str, code: str = SCHEMA) -> None:
        """Add an error that AWS reports too."""
        self.found.append(Diagnostic(code, message, where))

    def unsupported(self, where: Where, what: str) -> None:
        """Add a part that only local AWS doesn't support."""
        self.found.append(Diagnostic(UNSUPPORTED, f"Local AWS doesn't support {what}.", where))
