"""Saves and restores log groups with their events, and SSM parameters."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from moto.logs.models import logs_backends

from localaws.logs import EventStore, describe
from localaws.logs.store import GroupFile
from localaws.resource_types.base import Clients
from localaws.settings import ACCOUNT


class Logs:
    """Saves moto's log groups and restores them; their events are in `events`, in the folder of the state."""

    def __init__(self, region: str, events: EventStore) -> None:
        self._backend: Any = logs_backends[ACCOUNT][region]
        self._region, self._events = region, events

    def read(self) -> list[dict[str, Any]]:
        """Every log group with the names of its streams."""
        return [
            {"name": group.name, "retention": group.retention_in_days, "streams": list(group.streams)}
            for group in list(self._backend.groups.values())
        ]

    def restore(self, kept: list[dict[str, Any]]) -> None:
        """Restore log groups and streams: those that were saved, and those that have had events since then."""
        for group in kept:
            restored = self._ensure(group["name"], group["streams"])
            restored.retention_in_days = restored.retention_in_days or group["retention"]
            if isinstance(group["streams"], dict):
                self._import(group["name"], group["streams"])
        for account, region, name in self._events.known():
            if (account, region) == (ACCOUNT, self._region):
                self._describe(name, self._events.group(account, region, name))

    def _import(self, name: str, streams: dict[str, list[tuple[int, int, str]]]) -> None:
        """Take the events over from a state that was saved with them."""
        file = self._events.group(ACCOUNT, self._region, name)
        for stream, events in streams.items():
            for ingested, arrived in groupby(events, key=itemgetter(1)):
                file.put(stream, [(timestamp, message) for timestamp, _, message in arrived], ingested)

    def _describe(self, name: str, file: GroupFile) -> None:
        # The clock starts with the machine's time.
        file.forget_offsets()
        summaries = file.streams()
        group = self._ensure(name, [summary.name for summary in summaries])
        for summary in summaries:
            describe(group.streams[summary.name], summary)

    def _ensure(self, name: str, streams: Iterable[str]) -> Any:
        self._backend.ensure_log_group(name)
        for stream in streams:
            self._backend.ensure_log_stream(name, stream)
        return self._backend.groups[name]


class Parameters:
    """Reads and restores the current versions of SSM parameters."""

    def __init__(self, clients: Clients, region: str) -> None:
        self._clients = clients
        self._region = region

    def read(self) -> list[dict[str, Any]]:
        """Every parameter with its value, except AWS's public ones under /aws."""
        # Its first request imports moto's SSM, and with it EC2: 140 MB.
        if "moto.ssm.models" not in sys.modules:
            return []
        from moto.ssm.models import ssm_backends

        backend: Any = ssm_backends[ACCOUNT][self._region]
        newest = [versions[-1] for versions in list(backend._parameters.values()) if versions]
        return [
            {"Name": item.name, "Type": item.parameter_type, "Value": item.decrypt(item.value)}
            for item in newest
            if not item.name.startswith("/aws/")
        ]

    def fill(self, kept: dict[str, Any]) -> None:
        """Restore a parameter, overwriting the one of a stack."""
        self._clients("ssm").put_parameter(**kept, Overwrite=True)
