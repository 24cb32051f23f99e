"""A deployment: the definition of an API as it was then, and its routes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from localaws.http.routes import Found, Route, find
from localaws.rest.store import Definition, Document


class Snapshot:
    """A copy of an API's definition."""

    def __init__(self, definition: Definition, deployment: str) -> None:
        self.definition, self.deployment = copy.deepcopy(definition), deployment
        self._methods: dict[str, tuple[Document, Document]] = {}
        for resource in self.definition.resources.values():
            for verb, method in resource.get("resourceMethods", {}).items():
                self._methods[f"{verb} {resource['path']}"] = (resource, method)
        self._routes = [Route(key, "") for key in self._methods]

    def find(self, verb: str, path: str) -> tuple[Document, Document, Mapping[str, str]] | None:
        """The resource and method of a request, and the values of its path parameters; None if there's none."""
        trimmed = path.rstrip("/") or "/"
        found: Found | None = find(self._routes, verb, trimmed)
        if found is None:
            return None
        return (*self._methods[found.route.key], _parameters(found.route.segments, trimmed))

    @property
    def settings(self) -> Mapping[str, Any]:
        """The API's own settings."""
        return self.definition.document

    def is_binary(self, content_type: str) -> bool:
        """Whether a content type is one of the API's binary media types; each of those may contain `*`."""
        kind = content_type.split(";")[0].strip().lower()
        main = kind.split("/")[0]
        types = {str(item).lower() for item in self.settings.get("binaryMediaTypes") or []}
        return bool(types & {"*/*", kind, f"{main}/*"})


def _parameters(pattern: tuple[str, ...], path: str) -> dict[str, str]:
    """The path parameters, percent-encoded as they came: REST APIs don't decode them."""
    segments, parameters = path.strip("/").split("/"), dict[str, str]()
    for index, part in enumerate(pattern):
        if part.endswith("+}"):
            parameters[part[1:-2]] = "/".join(segments[index:])
        elif part.startswith("{"):
            parameters[part[1:-1]] = segments[index]
    return parameters
