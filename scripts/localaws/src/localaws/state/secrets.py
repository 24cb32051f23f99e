"""Saves and restores the values of Secrets Manager's secrets."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from localaws.resource_types.base import Clients
from localaws.settings import ACCOUNT


class Secrets:
    """Reads and fills moto's secrets. Nothing is imported for a local AWS without secrets."""

    def __init__(self, clients: Clients, region: str) -> None:
        self._clients, self._region = clients, region

    def read(self) -> list[dict[str, Any]]:
        """Every secret with its versions."""
        return [
            {
                "name": secret.name,
                "arn": secret.arn,
                "description": secret.description,
                "current": secret.default_version_id,
                "versions": secret.versions,
            }
            for secret in self._secrets().values()
            if not secret.is_deleted()
        ]

    def names(self) -> set[str]:
        """The names of existing secrets."""
        return set(self._secrets())

    def create(self, kept: Mapping[str, Any]) -> None:
        """Create a secret that belongs to no stack."""
        self._clients("secretsmanager").create_secret(Name=kept["name"], Description=kept["description"] or "")

    def fill(self, kept: Mapping[str, Any]) -> None:
        """Restore a secret's versions, in the place of the value that a stack has given it."""
        secret = self._secrets()[kept["name"]]
        secret.versions = dict(kept["versions"])
        secret.set_default_version_id(kept["current"])
        current = secret.versions.get(kept["current"], {})
        secret.secret_string, secret.secret_binary = current.get("secret_string"), current.get("secret_binary")

    def _secrets(self) -> dict[str, Any]:
        if "moto.secretsmanager.models" not in sys.modules:
            return {}
        from moto.secretsmanager.models import secretsmanager_backends

        backend: Any = secretsmanager_backends[ACCOUNT][self._region]
        return {secret.name: secret for secret in list(backend.secrets.values())}
