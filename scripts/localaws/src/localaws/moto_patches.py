"""Patches to moto: each one names the attribute that it replaces, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localaws.errors import LocalAwsError

_ABSENT = object()


class MotoPatches:
    """Replaces attributes of moto's classes and modules, and restores the originals."""

    def __init__(self) -> None:
        self._originals: list[tuple[Any, str, Any]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Set `owner.name` to `make(original)`; raises LocalAwsError if moto has no such attribute."""
        original = vars(owner).get(name, _ABSENT)
        if original is _ABSENT:
            raise LocalAwsError(
                f"The installed moto has no {getattr(owner, '__name__', owner)}.{name}. "
                "Reinstall localaws to get the version of moto that it requires."
            )
        setattr(owner, name, make(original))
        self._originals.append((owner, name, original))

    def add(self, owner: Any, name: str, value: Any) -> None:
        """Set `owner.name`, which moto lacks; raises LocalAwsError if moto has it by now."""
        if name in vars(owner):
            raise LocalAwsError(
                f"The installed moto has {owner.__name__}.{name}, which local AWS adds itself. "
                "Reinstall localaws to get the version of moto that it requires."
            )
        setattr(owner, name, value)
        self._originals.append((owner, name, _ABSENT))

    def replace_method(self, owner: Any, name: str, method: Callable[..., Any]) -> None:
        """Replace a method by `method`, which gets the instance as its first argument even if it's a bound method."""
        self.replace(owner, name, lambda _: lambda *args, **options: method(*args, **options))

    def restore(self) -> None:
        """Undo all replacements, in reverse order."""
        while self._originals:
            owner, name, original = self._originals.pop()
            if original is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
