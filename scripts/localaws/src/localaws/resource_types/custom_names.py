"""The custom names of resources: which property has it, and whether it's taken by another resource.

The operations of some services overwrite what has the name already, or return it. CloudFormation fails instead.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from localaws.resource_types.base import Properties, Scope

# The property with the name of a resource, of each type that can have a custom one.
NAMES = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodeDeploy::DeploymentConfig": "DeploymentConfigName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::Lambda::Alias": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Logs::LogStream": "LogStreamName",
    "AWS::Logs::MetricFilter": "FilterName",
    "AWS::Logs::SubscriptionFilter": "FilterName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::SecretsManager::Secret": "Name",
}
# The property within whose value a name is unique, of each type whose names aren't unique by themselves.
_WITHIN = {
    "AWS::CodeDeploy::DeploymentGroup": "ApplicationName",
    "AWS::Events::Rule": "EventBusName",
    "AWS::Lambda::Alias": "FunctionName",
    "AWS::Logs::LogStream": "LogGroupName",
    "AWS::Logs::MetricFilter": "LogGroupName",
    "AWS::Logs::SubscriptionFilter": "LogGroupName",
    "AWS::Scheduler::Schedule": "GroupName",
}
_ABSENT = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NotFound",
        "ParameterNotFound",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
_TAKEN = frozenset(
    {
        "AlreadyExistsException",
        "ApplicationAlreadyExistsException",
        "ConflictException",
        "DeploymentConfigAlreadyExistsException",
        "DeploymentGroupAlreadyExistsException",
        "EntityAlreadyExists",
        "ResourceAlreadyExistsException",
        "ResourceConflictException",
        "ResourceExistsException",
        "ResourceInUseException",
    }
)
Describe = Callable[[str, Properties, Scope], Any]


def custom_name(kind: str, properties: Properties) -> str | None:
    """The name that a template gives to a resource; None if it's generated."""
    name = properties.get(NAMES.get(kind, ""))
    return str(name) if name is not None else None


def is_same(kind: str, properties: Properties, others: Properties) -> bool:
    """Whether two resources of a type have the same custom name, and so are one."""
    name, within = custom_name(kind, properties), _WITHIN.get(kind, "")
    return name is not None and name == custom_name(kind, others) and properties.get(within) == others.get(within)


def is_taken(kind: str, properties: Properties, scope: Scope) -> bool:
    """Whether another resource has the name already, of a type whose creation doesn't fail by itself."""
    name, describe = custom_name(kind, properties), _DESCRIBE.get(kind)
    if name is None or describe is None:
        return False
    try:
        return bool(describe(name, properties, scope))
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return False
        raise


def means_taken(error: ClientError) -> bool:
    """Whether the creation of a resource failed because its name is taken."""
    return error.response["Error"]["Code"] in _TAKEN


def _rule(name: str, properties: Properties, scope: Scope) -> Any:
    bus = {"EventBusName": properties["EventBusName"]} if properties.get("EventBusName") else {}
    return scope.clients("events").describe_rule(Name=name, **bus)


def _metric_filters(name: str, properties: Properties, scope: Scope) -> Any:
    group = properties["LogGroupName"]
    found = scope.clients("logs").describe_metric_filters(logGroupName=group, filterNamePrefix=name)["metricFilters"]
    return [item for item in found if item["filterName"] == name]


def _subscription_filters(name: str, properties: Properties, scope: Scope) -> Any:
    group = properties["LogGroupName"]
    found = scope.clients("logs").describe_subscription_filters(logGroupName=group)["subscriptionFilters"]
    return [item for item in found if item["filterName"] == name]


def _alarms(name: str, _: Properties, scope: Scope) -> Any:
    found = scope.clients("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return found["MetricAlarms"] or found["CompositeAlarms"]


# How to find a resource by its name.
_DESCRIBE: dict[str, Describe] = {
    "AWS::CloudWatch::Alarm": _alarms,
    "AWS::CloudWatch::CompositeAlarm": _alarms,
    "AWS::CloudWatch::Dashboard": lambda name, _, scope: scope.clients("cloudwatch").get_dashboard(DashboardName=name),
    "AWS::Events::Rule": _rule,
    "AWS::Logs::MetricFilter": _metric_filters,
    "AWS::Logs::SubscriptionFilter": _subscription_filters,
    "AWS::S3::Bucket": lambda name, _, scope: scope.clients("s3").head_bucket(Bucket=name),
    "AWS::S3::BucketPolicy": lambda name, _, scope: scope.clients("s3").get_bucket_policy(Bucket=name),
    "AWS::SNS::Topic": lambda name, _, scope: scope.clients("sns").get_topic_attributes(
        TopicArn=f"arn:aws:sns:{scope.region}:{scope.account}:{name}"
    ),
    "AWS::SQS::Queue": lambda name, _, scope: scope.clients("sqs").get_queue_url(QueueName=name),
    "AWS::SSM::Parameter": lambda name, _, scope: scope.clients("ssm").get_parameter(Name=name),
}
