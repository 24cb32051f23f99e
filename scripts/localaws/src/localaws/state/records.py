"""Saves and restores log groups with their events, and SSM parameters."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.logs.models import LogEvent, logs_backends
from moto.ssm.models import ssm_backends

from localaws.resource_types.base import Clients
from localaws.settings import ACCOUNT


class Logs:
    """Reads and fills moto's log groups, without processing the events as new ones."""

    def __init__(self, region: str) -> None:
        self._backend: Any = logs_backends[ACCOUNT][region]

    def read(self) -> list[dict[str, Any]]:
        """Every log group with its streams and events."""
        return [
            {
                "name": group.name,
                "retention": group.retention_in_days,
                "streams": {
                    name: [[event.timestamp, event.ingestion_time, event.message] for event in list(stream.events)]
                    for name, stream in list(group.streams.items())
                },
            }
            for group in list(self._backend.groups.values())
        ]

    def fill(self, kept: dict[str, Any]) -> None:
        """Restore a log group's events; creates the group if it's missing."""
        self._backend.ensure_log_group(kept["name"])
        group = self._backend.groups[kept["name"]]
        group.retention_in_days = group.retention_in_days or kept["retention"]
        for name, events in kept["streams"].items():
            self._backend.ensure_log_stream(kept["name"], name)
            stream = group.streams[name]
            for timestamp, ingested, message in events:
                stream.events.append(LogEvent(ingested, {"timestamp": timestamp, "message": message}))
            stream.last_ingestion_time = utcnow()


class Parameters:
    """Reads and restores the current versions of SSM parameters."""

    def __init__(self, clients: Clients, region: str) -> None:
        self._clients = clients
        self._backend: Any = ssm_backends[ACCOUNT][region]

    def read(self) -> list[dict[str, Any]]:
        """Every parameter with its value, except AWS's public ones under /aws."""
        newest = [versions[-1] for name, versions in list(self._backend._parameters.items()) if versions]
        return [
            {"Name": item.name, "Type": item.parameter_type, "Value": item.decrypt(item.value)}
            for item in newest
            if not item.name.startswith("/aws/")
        ]

    def fill(self, kept: dict[str, Any]) -> None:
        """Restore a parameter, overwriting the one of a stack."""
        self._clients("ssm").put_parameter(**kept, Overwrite=True)
