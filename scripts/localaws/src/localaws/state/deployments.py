"""Saves and restores CodeDeploy's applications, groups and deployments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from localaws.codedeploy.service import CodeDeploy
from localaws.state.part import Part


class Deployments(Part):
    """The state of CodeDeploy."""

    def __init__(self, codedeploy: CodeDeploy) -> None:
        self._codedeploy = codedeploy

    def read(self) -> dict[str, Any]:
        """Everything."""
        return self._codedeploy.read()

    def restore(self, kept: Mapping[str, Any], of_stacks: Collection[str]) -> list[str]:
        """Restore everything. Deployments that ran are stopped."""
        stopped = self._codedeploy.restore(kept, of_stacks)
        return [f"{stopped:,} deployments of CodeDeploy that ran (Stopped now)"] if stopped else []
