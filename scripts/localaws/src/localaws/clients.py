"""AWS clients for the local endpoint."""

from __future__ import annotations

import threading
from typing import Any

import boto3
from botocore.config import Config

from localaws.settings import Settings

# Services see by the user agent that CloudFormation calls them.
CALLED_BY = "cloudformation.amazonaws.com"


class LocalClients:
    """Creates and caches one client per service, with any credentials."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: Any = boto3.Session("local", "local", region_name=settings.region)
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        """The client for `service`."""
        with self._lock:
            if service not in self._clients:
                # A failed call is a bug or an invalid template, never a network failure: no retries.
                # The function of a custom resource may run for 15 minutes.
                config = Config(retries={"max_attempts": 0}, read_timeout=960, user_agent_extra=CALLED_BY)
                self._clients[service] = self._session.client(
                    service, endpoint_url=self._settings.endpoint_url, config=config
                )
            return self._clients[service]
