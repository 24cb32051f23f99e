"""CloudWatch Logs: log groups, their filters and subscriptions, saved queries and policies."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_map
from localaws.resource_types.support import NOT_ENCRYPTED, Rules, done
from localaws.resource_types.unenforced import Unenforced


class LogGroup:
    """AWS::Logs::LogGroup."""

    name = "AWS::Logs::LogGroup"
    replaced_by = frozenset({"LogGroupName"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        **done("LogGroupName", "RetentionInDays", "Tags"),
        "KmsKeyId": NOT_ENCRYPTED,
        "LogGroupClass": ["STANDARD"],
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the log group, named as given or after the stack."""
        logs = scope.clients("logs")
        name = properties.get("LogGroupName") or scope.generated_name(512)
        logs.create_log_group(logGroupName=name, tags=tag_map(properties.get("Tags")))
        return self._retain(name, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the retention."""
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


class LogStream:
    """AWS::Logs::LogStream."""

    name = "AWS::Logs::LogStream"
    replaced_by = frozenset({"LogGroupName", "LogStreamName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = done("LogGroupName", "LogStreamName")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the log stream, named as given or after the stack."""
        name = properties.get("LogStreamName") or scope.generated_name(512)
        scope.clients("logs").create_log_stream(logGroupName=properties["LogGroupName"], logStreamName=name)
        return Deployed(name)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Keep it: every property replaces it."""
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the log stream and its events; it's no error if its group was deleted."""
        logs = scope.clients("logs")
        try:
            logs.delete_log_stream(logGroupName=properties["LogGroupName"], logStreamName=physical_id)
        except logs.exceptions.ResourceNotFoundException:
            return


class MetricFilter:
    """AWS::Logs::MetricFilter."""

    name = "AWS::Logs::MetricFilter"
    replaced_by = frozenset({"FilterName", "LogGroupName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        **done("FilterName", "FilterPattern", "LogGroupName"),
        "MetricTransformations": {
            **done("DefaultValue", "MetricName", "MetricNamespace", "MetricValue", "Unit"),
            "Dimensions": done("Key", "Value"),
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the filter, named as given or after the stack."""
        return self.update(properties.get("FilterName") or scope.generated_name(512), {}, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the filter's pattern and metric."""
        scope.clients("logs").put_metric_filter(
            filterName=physical_id,
            logGroupName=new["LogGroupName"],
            filterPattern=new["FilterPattern"],
            metricTransformations=[_transformation(given) for given in new["MetricTransformations"]],
        )
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the filter; it's no error if its group was deleted."""
        logs = scope.clients("logs")
        try:
            logs.delete_metric_filter(filterName=physical_id, logGroupName=properties["LogGroupName"])
        except logs.exceptions.ResourceNotFoundException:
            return


def _transformation(given: dict[str, Any]) -> dict[str, Any]:
    typed = {key[0].lower() + key[1:]: value for key, value in given.items()}
    typed["metricValue"] = str(typed["metricValue"])
    if "defaultValue" in typed:
        typed["defaultValue"] = float(typed["defaultValue"])
    if "dimensions" in typed:
        typed["dimensions"] = {dimension["Key"]: dimension["Value"] for dimension in typed["dimensions"]}
    return typed


class SubscriptionFilter:
    """AWS::Logs::SubscriptionFilter."""

    name = "AWS::Logs::SubscriptionFilter"
    replaced_by = frozenset({"FilterName", "LogGroupName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        **done("DestinationArn", "FilterName", "FilterPattern", "LogGroupName", "RoleArn"),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the subscription, named as given or after the stack."""
        return self.update(properties.get("FilterName") or scope.generated_name(512), {}, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the subscription's pattern and destination."""
        scope.clients("logs").put_subscription_filter(
            filterName=physical_id,
            logGroupName=new["LogGroupName"],
            filterPattern=new["FilterPattern"],
            destinationArn=new["DestinationArn"],
            **({"roleArn": new["RoleArn"]} if "RoleArn" in new else {}),
        )
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the subscription; it's no error if its group was deleted."""
        logs = scope.clients("logs")
        try:
            logs.delete_subscription_filter(filterName=physical_id, logGroupName=properties["LogGroupName"])
        except logs.exceptions.ResourceNotFoundException:
            return


class QueryDefinition:
    """AWS::Logs::QueryDefinition: a saved query, compiled when it's run."""

    name = "AWS::Logs::QueryDefinition"
    replaced_by = frozenset[str]()
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = done("LogGroupNames", "Name", "QueryString")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Save the query; its id is the value of Ref."""
        saved = scope.clients("logs").put_query_definition(**_query(properties))
        return Deployed(saved["queryDefinitionId"])

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Replace the query."""
        scope.clients("logs").put_query_definition(queryDefinitionId=physical_id, **_query(new))
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the saved query."""
        logs = scope.clients("logs")
        try:
            logs.delete_query_definition(queryDefinitionId=physical_id)
        except logs.exceptions.ResourceNotFoundException:
            return


def _query(properties: Properties) -> dict[str, Any]:
    return {
        "name": properties["Name"],
        "queryString": properties["QueryString"],
        "logGroupNames": list(properties.get("LogGroupNames", [])),
    }


RESOURCE_POLICY = Unenforced("AWS::Logs::ResourcePolicy", ("PolicyDocument", "PolicyName"))
