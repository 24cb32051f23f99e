"""What functions lean on: log groups and parameters."""

from __future__ import annotations

from localaws.resources.base import Deployed, Properties, Scope, tag_list, tag_map


class LogGroup:
    """AWS::Logs::LogGroup."""

    name = "AWS::Logs::LogGroup"
    replaced_by = frozenset({"LogGroupName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the log group, named as given or after the stack."""
        logs = scope.clients("logs")
        name = properties.get("LogGroupName") or scope.generated_name(512)
        logs.create_log_group(logGroupName=name, tags=tag_map(properties.get("Tags")))
        return self._retain(name, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Set the retention anew."""
        if "RetentionInDays" in old and "RetentionInDays" not in new:
            scope.clients("logs").delete_retention_policy(logGroupName=physical_id)
        return self._retain(physical_id, new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the log group and its events."""
        logs = scope.clients("logs")
        try:
            logs.delete_log_group(logGroupName=physical_id)
        except logs.exceptions.ResourceNotFoundException:
            return

    @staticmethod
    def _retain(name: str, properties: Properties, scope: Scope) -> Deployed:
        if "RetentionInDays" in properties:
            scope.clients("logs").put_retention_policy(
                logGroupName=name, retentionInDays=int(properties["RetentionInDays"])
            )
        return Deployed(name, {"Arn": f"arn:aws:logs:{scope.region}:{scope.account}:log-group:{name}:*"})


class Parameter:
    """AWS::SSM::Parameter."""

    name = "AWS::SSM::Parameter"
    replaced_by = frozenset({"Name", "Type"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Put the parameter, named as given or after the stack."""
        return self._put(properties.get("Name") or scope.generated_name(), {}, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Put the new value over the old, and the new tags."""
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
