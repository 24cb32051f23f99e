"""The resources of an API, which form a tree of paths."""

from __future__ import annotations

import re

from localaws.rest.errors import BadRequest, Conflict
from localaws.rest.store import Document, RestApi, new_id

_PART = re.compile(r"\{[\w.:-]+\+?\}|[\w.:$@!*'(),;=&~%-]+")


def add_resource(api: RestApi, parent_id: str, part: str) -> Document:
    """A new resource below another; raises BadRequest or Conflict."""
    parent = api.resource(parent_id)
    if not _PART.fullmatch(part):
        raise BadRequest(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the "
            "beginning and the end."
        )
    if parent["path"].endswith("+}"):
        raise BadRequest(f"Cannot create a child of a resource with a greedy path variable: {parent['path']}")
    path = f"{parent['path'].rstrip('/')}/{part}"
    siblings = [item for item in api.definition.resources.values() if item.get("parentId") == parent_id]
    if any(item["pathPart"] == part for item in siblings):
        raise Conflict(f"Another resource with the same parent already has this name: {part}")
    if part.startswith("{") and not part.endswith("+}"):
        other = next((i["pathPart"] for i in siblings if i["pathPart"][:1] == "{" and i["pathPart"][-2:] != "+}"), None)
        if other:
            raise BadRequest(
                f"A sibling ({other}) of this resource already has a variable path part -- only one is allowed"
            )
    resource = {"id": new_id(6), "parentId": parent_id, "pathPart": part, "path": path}
    api.definition.resources[resource["id"]] = resource
    return resource


def resource_at(api: RestApi, path: str) -> Document:
    """The resource of a path, with all above it; those that are missing are created."""
    resource = api.resource(api.root)
    for part in filter(None, path.split("/")):
        wanted = f"{resource['path'].rstrip('/')}/{part}"
        known = next((item for item in api.definition.resources.values() if item["path"] == wanted), None)
        resource = known or add_resource(api, resource["id"], part)
    return resource
