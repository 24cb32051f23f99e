"""SSM: parameters."""

from __future__ import annotations

from typing import ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list, tag_map
from localaws.resource_types.support import Rules, done


class Parameter:
    """AWS::SSM::Parameter."""

    name = "AWS::SSM::Parameter"
    replaced_by = frozenset({"Name", "Type"})
    attributes = ("Type", "Value")
    properties: ClassVar[Rules] = {
        **done("Description", "Name", "Tags", "Value"),
        "Tier": "all tiers behave the same",
        "Type": ["String", "StringList"],
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the parameter, named as given or after the stack."""
        return self._put(properties.get("Name") or scope.generated_name(), {}, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the value and the tags."""
        return self._put(physical_id, old, new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the parameter."""
        scope.clients("ssm").delete_parameters(Names=[physical_id])

    @staticmethod
    def _put(name: str, old: Properties, properties: Properties, scope: Scope) -> Deployed:
        ssm = scope.clients("ssm")
        ssm.put_parameter(
            Name=name,
            Value=str(properties["Value"]),
            Type=properties["Type"],
            Description=properties.get("Description", ""),
            Overwrite=True,
        )
        tags = tag_list(properties.get("Tags"))
        dropped = sorted(tag_map(old.get("Tags")).keys() - tag_map(properties.get("Tags")).keys())
        if dropped:
            ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=name, TagKeys=dropped)
        if tags:
            ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=tags)
        return Deployed(name, {"Type": properties["Type"], "Value": str(properties["Value"])})
