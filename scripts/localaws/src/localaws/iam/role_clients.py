"""AWS clients that act for roles, by which services do what they do in a role's name."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from localaws.iam.keys import Keys

# Seconds that a call can take: the longest run of a function.
_LONGEST = 960
_LONGEST_SESSION = 64


class RoleClients:
    """Creates and caches the clients of roles. `give` returns the keys of a role for a session."""

    def __init__(self, endpoint: str, region: str, give: Callable[[str, str], Keys]) -> None:
        self._endpoint, self._region, self._give = endpoint, region, give
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def __call__(self, role: str, session: str, service: str) -> Any:
        """The client of a service for a role (its ARN), in a session of that name."""
        keys = self._give(role, session[:_LONGEST_SESSION])
        with self._lock:
            known = (keys.access_key, service)
            if known not in self._clients:
                signed: Any = boto3.Session(keys.access_key, keys.secret_key, keys.token, self._region)
                config = Config(
                    retries={"max_attempts": 0},
                    read_timeout=_LONGEST,
                    max_pool_connections=64,
                    inject_host_prefix=False,  # the endpoint has no hosts such as `sync-…`
                )
                self._clients[known] = signed.client(service, endpoint_url=self._endpoint, config=config)
            return self._clients[known]
