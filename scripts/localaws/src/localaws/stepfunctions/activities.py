"""Activities: names at which workers ask for tasks.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from localaws.settings import ACCOUNT
from localaws.stepfunctions.errors import ActivityDoesNotExist, InvalidName

_NAME = re.compile(r"[\w\-.]{1,80}")


@dataclass
class Activity:
    """An activity."""

    arn: str
    name: str
    created: float
    tags: dict[str, str] = field(default_factory=dict)


class Activities:
    """All activities of one region."""

    def __init__(self, region: str) -> None:
        self._prefix = f"arn:aws:states:{region}:{ACCOUNT}:activity"
        self._activities: dict[str, Activity] = {}

    def create(self, name: str, tags: Mapping[str, str], now: float) -> Activity:
        """Create an activity; one of the same name is returned as it is."""
        if not _NAME.fullmatch(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        arn = f"{self._prefix}:{name}"
        return self._activities.setdefault(arn, Activity(arn, name, now, dict(tags)))

    def find(self, arn: str) -> Activity:
        """An activity; raises ActivityDoesNotExist."""
        if arn not in self._activities:
            raise ActivityDoesNotExist(f"Activity does not exist: '{arn}'")
        return self._activities[arn]

    def all(self) -> list[Activity]:
        """All activities, by name."""
        return sorted(self._activities.values(), key=lambda activity: activity.name)

    def delete(self, arn: str) -> None:
        """Delete an activity, if it's there."""
        self._activities.pop(arn, None)

    def read(self) -> list[dict[str, Any]]:
        """All activities, to save them."""
        return [asdict(activity) for activity in self.all()]

    def restore(self, kept: Iterable[Mapping[str, Any]], of_stacks: Collection[str]) -> None:
        """Restore the activities that no stack has created again, and that none had."""
        for state in kept:
            if state["arn"] not in of_stacks:
                self._activities.setdefault(state["arn"], Activity(**state))

    def forget_all(self) -> None:
        """Delete all activities."""
        self._activities.clear()
