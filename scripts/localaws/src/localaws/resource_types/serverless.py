"""SAM's resource types, which AWS's translator expands to others before deployment."""

from __future__ import annotations

from dataclasses import dataclass

from localaws.resource_types.support import (
    CORS,
    DONE,
    FILTERS,
    FLEXIBLE_WINDOW,
    FUNCTION,
    LAYER,
    MOVES_AT_ONCE,
    NO_ACCESS_LOGS,
    NO_BACKUPS,
    NO_CAPACITY,
    NO_THROTTLING,
    NO_TRACES,
    NOT_ENCRYPTED,
    NOT_ENFORCED,
    NOT_KEPT_WARM,
    OBJECT_FILTER,
    ONE_REGION,
    RULE_TRIED_ONCE,
    SCHEDULE_TRIED_ONCE,
    Rules,
    done,
)


@dataclass(frozen=True)
class SamType:
    """One of SAM's types. `globals_section` is the section of Globals with its defaults, if any."""

    name: str
    attributes: tuple[str, ...]
    properties: Rules
    globals_section: str | None = None


_DEAD_LETTERS: Rules = {
    "Arn": DONE,
    "QueueLogicalId": DONE,
    "Type": ["SQS"],
}
_RULE_EVENT: Rules = {
    "Properties": {
        **done("Enabled", "EventBusName", "Input", "InputPath", "InputTransformer", "Pattern", "RuleName"),
        "DeadLetterConfig": _DEAD_LETTERS,
        "RetryPolicy": RULE_TRIED_ONCE,
        "State": ["ENABLED", "DISABLED"],
        "Target": done("Id"),
    },
}
# The event sources of functions.
_EVENTS: Rules = {
    "$by": "Type",
    "CloudWatchEvent": _RULE_EVENT,
    "CloudWatchLogs": {
        "Properties": done("FilterPattern", "LogGroupName"),
    },
    "EventBridgeRule": _RULE_EVENT,
    "HttpApi": {
        "Properties": {
            **done("ApiId", "Method", "Path", "TimeoutInMillis"),
            "PayloadFormatVersion": ["2.0"],
            "RouteSettings": NO_THROTTLING,
        },
    },
    "S3": {
        "Properties": {
            "Bucket": DONE,
            "Events": DONE,
            "Filter": OBJECT_FILTER,
        },
    },
    "SNS": {
        "Properties": {
            **done("FilterPolicy", "SqsSubscription", "Topic"),
            "FilterPolicyScope": ["MessageAttributes", "MessageBody"],
            "RedrivePolicy": done("deadLetterTargetArn"),
            "Region": ONE_REGION,
        },
    },
    "SQS": {
        "Properties": {
            **done("BatchSize", "Enabled", "MaximumBatchingWindowInSeconds", "Queue"),
            "FilterCriteria": FILTERS,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": done("MaximumConcurrency"),
        },
    },
    "Schedule": {
        "Properties": {
            **done("Description", "Enabled", "Input", "Name", "Schedule"),
            "DeadLetterConfig": _DEAD_LETTERS,
            "RetryPolicy": RULE_TRIED_ONCE,
            "State": ["ENABLED", "DISABLED"],
        },
    },
    "ScheduleV2": {
        "Properties": {
            **done(
                "Description",
                "EndDate",
                "GroupName",
                "Input",
                "Name",
                "OmitName",
                "ScheduleExpression",
                "ScheduleExpressionTimezone",
                "StartDate",
            ),
            "DeadLetterConfig": _DEAD_LETTERS,
            "FlexibleTimeWindow": FLEXIBLE_WINDOW,
            "PermissionsBoundary": NOT_ENFORCED,
            "RetryPolicy": SCHEDULE_TRIED_ONCE,
            "RoleArn": NOT_ENFORCED,
            "State": ["ENABLED", "DISABLED"],
        },
    },
}

TYPES = (
    SamType(
        "AWS::Serverless::Connector",
        attributes=(),
        properties={
            "Destination": NOT_ENFORCED,
            "Permissions": NOT_ENFORCED,
            "Source": NOT_ENFORCED,
        },
    ),
    SamType(
        "AWS::Serverless::Function",
        attributes=("Arn",),
        properties={
            **FUNCTION,
            **done(
                "AutoPublishAlias",
                "AutoPublishAliasAllProperties",
                "AutoPublishCodeSha256",
                "CodeUri",
                "ImageUri",
                "InlineCode",
                "PropagateTags",
                "RolePath",
                "VersionDescription",
            ),
            "AssumeRolePolicyDocument": NOT_ENFORCED,
            "DeadLetterQueue": {
                "TargetArn": DONE,
                "Type": ["SQS", "SNS"],
            },
            "DeploymentPreference": {
                "Alarms": MOVES_AT_ONCE,
                "Enabled": DONE,
                "PassthroughCondition": DONE,
                "Role": NOT_ENFORCED,
                "TriggerConfigurations": MOVES_AT_ONCE,
                "Type": MOVES_AT_ONCE,
            },
            "EventInvokeConfig": {
                "DestinationConfig": {
                    "OnFailure": {
                        "Destination": DONE,
                        "Type": ["SQS", "SNS", "Lambda", "EventBridge"],
                    },
                    "OnSuccess": {
                        "Destination": DONE,
                        "Type": ["SQS", "SNS", "Lambda", "EventBridge"],
                    },
                },
                "MaximumEventAgeInSeconds": DONE,
                "MaximumRetryAttempts": DONE,
            },
            "Events": {
                "*": _EVENTS,
            },
            "FunctionUrlConfig": {
                "AuthType": ["NONE"],
                "Cors": CORS,
                "InvokeMode": ["BUFFERED"],
            },
            "PermissionsBoundary": NOT_ENFORCED,
            "Policies": NOT_ENFORCED,
            "ProvisionedConcurrencyConfig": NOT_KEPT_WARM,
            "Tracing": NO_TRACES,
        },
        globals_section="Function",
    ),
    SamType(
        "AWS::Serverless::HttpApi",
        attributes=("ApiEndpoint", "ApiId"),
        properties={
            **done(
                "DefinitionBody",
                "Description",
                "FailOnWarnings",
                "Name",
                "PropagateTags",
                "StageName",
                "StageVariables",
                "Tags",
            ),
            "AccessLogSettings": NO_ACCESS_LOGS,
            "CorsConfiguration": CORS,
            "DefaultRouteSettings": NO_THROTTLING,
            "RouteSettings": NO_THROTTLING,
        },
        globals_section="HttpApi",
    ),
    SamType(
        "AWS::Serverless::LayerVersion",
        attributes=("LayerVersionArn",),
        properties={
            **LAYER,
            "ContentUri": DONE,
            "RetentionPolicy": DONE,
        },
        globals_section="LayerVersion",
    ),
    SamType(
        "AWS::Serverless::SimpleTable",
        attributes=("Arn",),
        properties={
            "PointInTimeRecoverySpecification": NO_BACKUPS,
            "PrimaryKey": {
                "Name": DONE,
                "Type": ["String", "Number", "Binary"],
            },
            "ProvisionedThroughput": NO_CAPACITY,
            "SSESpecification": NOT_ENCRYPTED,
            "TableName": DONE,
            "Tags": DONE,
        },
        globals_section="SimpleTable",
    ),
)
