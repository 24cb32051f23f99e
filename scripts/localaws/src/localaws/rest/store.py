"""The REST APIs, API keys, usage plans and custom domains of a local AWS, in the shapes of API Gateway's API."""

from __future__ import annotations

import secrets
import string
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localaws.rest.errors import NotFound

type Document = dict[str, Any]
_ALPHABET = string.ascii_lowercase + string.digits


def new_id(length: int = 10) -> str:
    """An identifier as API Gateway generates it."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def now() -> datetime:
    """The time of a resource's creation."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Definition:
    """What a deployment of an API serves: its settings, resources with their methods, models, authorizers, …"""

    document: Document
    resources: dict[str, Document] = field(default_factory=dict)
    models: dict[str, Document] = field(default_factory=dict)
    validators: dict[str, Document] = field(default_factory=dict)
    authorizers: dict[str, Document] = field(default_factory=dict)
    responses: dict[str, Document] = field(default_factory=dict)


class RestApi:
    """One API: its definition, which changes, and its deployments, which don't. `url` is where it's served."""

    def __init__(self, document: Document) -> None:
        self.id = new_id()
        root = new_id()
        self.definition = Definition(
            {**document, "id": self.id, "rootResourceId": root, "createdDate": now()},
            resources={root: {"id": root, "path": "/"}},
        )
        self.deployments: dict[str, Document] = {}
        self.stages: dict[str, Document] = {}
        self.url = ""

    @property
    def root(self) -> str:
        """The id of the resource of the path /."""
        return str(self.definition.document["rootResourceId"])

    def resource(self, resource_id: str) -> Document:
        """A resource; raises NotFound."""
        return found(self.definition.resources, resource_id, "Invalid Resource identifier specified")

    def method(self, resource_id: str, verb: str) -> Document:
        """A method of a resource; raises NotFound."""
        methods = self.resource(resource_id).get("resourceMethods", {})
        return found(methods, verb, "Invalid Method identifier specified")

    def stage(self, name: str) -> Document:
        """A stage; raises NotFound."""
        return found(self.stages, name, "Invalid stage identifier specified")


class RestStore:
    """Everything of one account and region."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.forget_all()

    def forget_all(self) -> None:
        """Delete everything."""
        self.apis: dict[str, RestApi] = {}
        self.keys: dict[str, Document] = {}
        self.plans: dict[str, Document] = {}
        # Usage plan → the ids of its keys.
        self.plan_keys: dict[str, list[str]] = {}
        self.domains: dict[str, Document] = {}
        # Domain → base path → mapping.
        self.mappings: dict[str, dict[str, Document]] = {}
        self.account: Document = {"throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0}, "features": []}

    def api(self, api_id: str) -> RestApi:
        """An API; raises NotFound."""
        return found(self.apis, api_id, "Invalid API identifier specified")


def found[T](items: dict[str, T], key: str, problem: str) -> T:
    """The item with a key; raises NotFound with what's wrong and the key."""
    if key not in items:
        raise NotFound(f"{problem} {key}" if "identifier specified" in problem else problem)
    return items[key]
