"""The revisions of the job definitions of one region."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from localaws.batch.definitions import JobDefinition, check_definition
from localaws.batch.errors import ClientError

_REVISION = re.compile(r"(?P<name>[^:/]+):(?P<number>\d+)")


class JobDefinitions:
    """All revisions of job definitions. `prefix` is the beginning of their ARNs."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._lock = threading.Lock()
        self._revisions: dict[str, dict[int, JobDefinition]] = {}
        self._numbers: dict[str, int] = {}

    def register(self, given: Mapping[str, Any]) -> JobDefinition:
        """Add the next revision of a job definition; raises ClientError."""
        check_definition(given)
        name = given["jobDefinitionName"]
        with self._lock:
            number = self._numbers[name] = self._numbers.get(name, 0) + 1
            arn = f"{self._prefix}:job-definition/{name}:{number}"
            described = {
                "parameters": {},
                **{key: value for key, value in given.items() if key != "tags"},
                "jobDefinitionArn": arn,
                "revision": number,
                "status": "ACTIVE",
                "containerOrchestrationType": "ECS",
            }
            made = JobDefinition(arn, name, number, described, dict(given.get("tags") or {}))
            self._revisions.setdefault(name, {})[number] = made
        return made

    def find(self, named: str) -> JobDefinition:
        """The active revision of `name:revision` or an ARN, the newest one of a name; raises ClientError."""
        bare = named.rpartition("/")[2]
        exact = _REVISION.fullmatch(bare)
        revisions = self._revisions.get(exact["name"] if exact else bare) or {}
        active = {number: each for number, each in revisions.items() if each.described["status"] == "ACTIVE"}
        number = int(exact["number"]) if exact else max(active, default=0)
        if number not in active:
            raise ClientError(f"Error executing request, Exception : Job definition {named} not found.")
        return active[number]

    def all(self) -> list[JobDefinition]:
        """All revisions, by name and revision."""
        return [
            self._revisions[name][number]
            for name in sorted(self._revisions)
            for number in sorted(self._revisions[name])
        ]

    def deregister(self, named: str) -> None:
        """Make a revision inactive; jobs that run go on."""
        if not _REVISION.fullmatch(named.rpartition("/")[2]):
            raise ClientError("Error executing request, Exception : a job definition needs its revision.")
        found = self.find(named)
        inactive = {**found.described, "status": "INACTIVE"}
        gone = JobDefinition(found.arn, found.name, found.revision, inactive, found.tags)
        self._revisions[found.name][found.revision] = gone

    def forget_all(self) -> None:
        """Delete everything."""
        with self._lock:
            self._revisions.clear()
            self._numbers.clear()
