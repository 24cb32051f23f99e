"""The order in which a template's resources are created."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from localaws.errors import TemplateError
from localaws.template.intrinsics import references


def creation_order(resources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Logical ids, each after its dependencies; raises TemplateError for a circular or an undefined one."""
    graph: dict[str, set[str]] = {}
    for logical_id, resource in resources.items():
        depends = resource.get("DependsOn", [])
        explicit = {depends} if isinstance(depends, str) else set(depends)
        needed = explicit | references([resource.get("Properties", {}), resource.get("UpdatePolicy", {})])
        unknown = sorted(explicit - set(resources))
        if unknown:
            raise TemplateError(f"{logical_id} DependsOn {', '.join(unknown)}, which the template doesn't define.")
        if logical_id in needed:
            raise TemplateError(f"Circular dependency between resources: [{logical_id}].")
        graph[logical_id] = needed & set(resources)
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle = ", ".join(dict.fromkeys(error.args[1]))
        raise TemplateError(f"Circular dependency between resources: [{cycle}].") from None
