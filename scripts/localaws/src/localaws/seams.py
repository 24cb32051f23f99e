"""The places where moto is changed: each replacement names what it expects to find, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localaws.errors import LocalAwsError


class Seams:
    """Replaces attributes of moto's classes and modules, and puts the originals back."""

    def __init__(self) -> None:
        self._originals: list[tuple[Any, str, Any]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Set `owner.name` to `make(original)`; raises LocalAwsError if moto no longer has that attribute."""
        original = vars(owner).get(name)
        if original is None:
            raise LocalAwsError(
                f"{getattr(owner, '__name__', owner)}.{name} is gone from the installed moto. "
                "Install the version that localaws requires: reinstall localaws."
            )
        setattr(owner, name, make(original))
        self._originals.append((owner, name, original))

    def answer(self, owner: Any, name: str, operation: Callable[..., Any]) -> None:
        """Replace a method by `operation`, which may be bound elsewhere: it's given the instance as first argument."""
        self.replace(owner, name, lambda _: lambda *args, **options: operation(*args, **options))

    def restore(self) -> None:
        """Undo every replacement, the last one first."""
        while self._originals:
            owner, name, original = self._originals.pop()
            setattr(owner, name, original)
