"""Saves and restores the numbers of functions' versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.lambdas.version_numbers import VersionNumbers
from localaws.state.part import Part


class FunctionVersions(Part):
    """The last number of each function; of the code of versions only what the stacks publish again is there."""

    def __init__(self, numbers: VersionNumbers) -> None:
        self._numbers = numbers

    def read(self) -> dict[str, Any]:
        """The numbers."""
        return self._numbers.read()

    def expect(self, kept: Mapping[str, Any]) -> None:
        """Let the versions that the stacks publish have their numbers again."""
        self._numbers.expect(kept)
