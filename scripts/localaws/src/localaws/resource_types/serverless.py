"""SAM's resource types, which AWS's translator expands to others before deployment."""

from __future__ import annotations

from dataclasses import dataclass

from localaws.resource_types.apigateway.apis import ONE_ADDRESS, PRIVATE
from localaws.resource_types.apigateway.stages import METHOD_SETTINGS, NO_CACHE_SIZE
from localaws.resource_types.route53 import NOT_RESOLVED
from localaws.resource_types.support import (
    CORS,
    DONE,
    FILTERS,
    FLEXIBLE_WINDOW,
    FUNCTION,
    LAYER,
    NO_BACKUPS,
    NO_CAPACITY,
    NO_TLS,
    NO_TRACES,
    NOT_ENCRYPTED,
    NOT_ENFORCED,
    NOT_KEPT_WARM,
    OBJECT_FILTER,
    ONE_REGION,
    ROUTE_SETTINGS,
    RULE_TRIED_ONCE,
    SCHEDULE_TRIED_ONCE,
    STREAM_OPTIONS,
    TRIGGERS,
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
_STREAM_EVENT: Rules = {
    **STREAM_OPTIONS,
    **done("BatchSize", "Enabled", "MaximumBatchingWindowInSeconds", "Stream"),
    "DestinationConfig": {
        "OnFailure": {
            "Destination": DONE,
            "Type": ["SQS", "SNS"],
        },
    },
    "FilterCriteria": FILTERS,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
}
# The event sources of functions.
_EVENTS: Rules = {
    "$by": "Type",
    "Api": {
        "Properties": {
            **done("Method", "Path", "RequestParameters", "RestApiId", "TimeoutInMillis"),
            "Auth": {
                **done("ApiKeyRequired", "Authorizer", "OverrideApiAuth", "ResourcePolicy"),
                "InvokeRole": NOT_ENFORCED,
            },
            "RequestModel": done("Model", "Required", "ValidateBody", "ValidateParameters"),
            "ResponseTransferMode": ["BUFFERED"],
        },
    },
    "CloudWatchEvent": _RULE_EVENT,
    "CloudWatchLogs": {
        "Properties": done("FilterPattern", "LogGroupName"),
    },
    "DynamoDB": {
        "Properties": {
            **{name: rule for name, rule in _STREAM_EVENT.items() if name != "StartingPositionTimestamp"},
            "StartingPosition": ["TRIM_HORIZON", "LATEST"],
        },
    },
    "EventBridgeRule": _RULE_EVENT,
    "HttpApi": {
        "Properties": {
            **done("ApiId", "Method", "Path", "TimeoutInMillis"),
            "Auth": done("AuthorizationScopes", "Authorizer"),
            "PayloadFormatVersion": ["2.0", "1.0"],
            "RouteSettings": ROUTE_SETTINGS,
        },
    },
    "Kinesis": {
        "Properties": _STREAM_EVENT,
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
            "PermissionsBoundary": DONE,
            "RetryPolicy": SCHEDULE_TRIED_ONCE,
            "RoleArn": DONE,
            "State": ["ENABLED", "DISABLED"],
        },
    },
}

_MACHINE_RULE_EVENT: Rules = {
    "Properties": {
        **done("EventBusName", "Input", "InputPath", "InputTransformer", "Pattern", "RuleName"),
        "DeadLetterConfig": _DEAD_LETTERS,
        "RetryPolicy": RULE_TRIED_ONCE,
        "State": ["ENABLED", "DISABLED"],
        "Target": done("Id"),
    },
}
# The event sources of state machines.
_MACHINE_EVENTS: Rules = {
    "$by": "Type",
    "Api": {
        "Properties": {
            **done("Method", "Path", "RestApiId", "UnescapeMappingTemplate"),
            "Auth": {**done("ApiKeyRequired", "Authorizer"), "ResourcePolicy": NOT_ENFORCED},
        },
    },
    "CloudWatchEvent": _MACHINE_RULE_EVENT,
    "EventBridgeRule": _MACHINE_RULE_EVENT,
    "Schedule": _EVENTS["Schedule"],
    "ScheduleV2": _EVENTS["ScheduleV2"],
}

_REST_CORS: Rules = done("AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigin", "MaxAge")
_REST_AUTH: Rules = {
    **done(
        "AddApiKeyRequiredToCorsPreflight",
        "AddDefaultAuthorizerToCorsPreflight",
        "ApiKeyRequired",
        "DefaultAuthorizer",
    ),
    "Authorizers": {
        "*": {
            **done("FunctionArn", "FunctionPayloadType"),
            "DisableFunctionDefaultPermissions": NOT_ENFORCED,
            "FunctionInvokeRole": NOT_ENFORCED,
            "Identity": done(
                "Context",
                "Header",
                "Headers",
                "QueryStrings",
                "ReauthorizeEvery",
                "StageVariables",
                "ValidationExpression",
            ),
        },
    },
    "InvokeRole": NOT_ENFORCED,
    "ResourcePolicy": DONE,
    "UsagePlan": {
        **done("Description", "Quota", "Tags", "Throttle", "UsagePlanName"),
        "CreateUsagePlan": ["PER_API", "SHARED", "NONE"],
    },
}

_HTTP_AUTH: Rules = {
    **done("DefaultAuthorizer", "EnableIamAuthorizer"),
    "Authorizers": {
        "*": {
            **done(
                "AuthorizationScopes",
                "EnableFunctionDefaultPermissions",
                "EnableSimpleResponses",
                "FunctionArn",
                "FunctionInvokeRole",
                "IdentitySource",
                "JwtConfiguration",
            ),
            "AuthorizerPayloadFormatVersion": ["2.0", "1.0"],
            "Identity": done("Context", "Headers", "QueryStrings", "ReauthorizeEvery", "StageVariables"),
        },
    },
}

TYPES = (
    SamType(
        "AWS::Serverless::Api",
        attributes=("RestApiId", "RootResourceId"),
        properties={
            **done(
                "AlwaysDeploy",
                "ApiKeySourceType",
                "BinaryMediaTypes",
                "CacheClusterEnabled",
                "DefinitionBody",
                "DefinitionUri",
                "Description",
                "DisableExecuteApiEndpoint",
                "FailOnWarnings",
                "GatewayResponses",
                "MergeDefinitions",
                "MinimumCompressionSize",
                "Mode",
                "Models",
                "Name",
                "OpenApiVersion",
                "PropagateTags",
                "StageName",
                "Tags",
                "Variables",
            ),
            "AccessLogSetting": done("DestinationArn", "Format"),
            "Auth": _REST_AUTH,
            "CacheClusterSize": NO_CACHE_SIZE,
            "Cors": _REST_CORS,
            "EndpointAccessMode": NO_TLS,
            "SecurityPolicy": NO_TLS,
            "Domain": {
                **done("BasePath", "DomainName", "NormalizeBasePath"),
                "CertificateArn": NO_TLS,
                "EndpointConfiguration": ["EDGE", "REGIONAL"],
                "Route53": {
                    "*": NOT_RESOLVED,
                },
                "SecurityPolicy": NO_TLS,
            },
            "EndpointConfiguration": {
                "IPAddressType": ONE_ADDRESS,
                "Name": "SAM ignores this property",
                "Type": ["EDGE", "REGIONAL", {"PRIVATE": PRIVATE}],
                "VPCEndpointIds": PRIVATE,
            },
            "MethodSettings": METHOD_SETTINGS,
            "Policy": NOT_ENFORCED,
            "TracingEnabled": NO_TRACES,
        },
        globals_section="Api",
    ),
    SamType(
        "AWS::Serverless::Application",
        attributes=("Outputs.*",),
        properties={
            **done("Location", "Parameters", "Tags"),
            "NotificationARNs": "no notifications of stack events are sent",
            "TimeoutInMinutes": "a stack takes as long as it needs",
        },
    ),
    SamType(
        "AWS::Serverless::Connector",
        attributes=(),
        properties=done("Destination", "Permissions", "Source"),
    ),
    SamType(
        "AWS::Serverless::Function",
        attributes=("Arn", "Version.Version"),
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
            "AssumeRolePolicyDocument": DONE,
            "DeadLetterQueue": {
                "TargetArn": DONE,
                "Type": ["SQS", "SNS"],
            },
            "DeploymentPreference": {
                **done("Alarms", "Enabled", "PassthroughCondition", "Role", "Type"),
                "Hooks": done("PostTraffic", "PreTraffic"),
                "TriggerConfigurations": TRIGGERS,
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
                "AuthType": ["NONE", "AWS_IAM"],
                "Cors": CORS,
                "InvokeMode": ["BUFFERED"],
            },
            "PermissionsBoundary": DONE,
            "Policies": DONE,
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
            "AccessLogSettings": {"DestinationArn": DONE, "Format": DONE},
            "Auth": _HTTP_AUTH,
            "CorsConfiguration": CORS,
            "DefaultRouteSettings": ROUTE_SETTINGS,
            "RouteSettings": {"*": ROUTE_SETTINGS},
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
    SamType(
        "AWS::Serverless::StateMachine",
        attributes=("Arn", "Name", "StateMachineRevisionId"),
        properties={
            **done(
                "AutoPublishAlias",
                "Definition",
                "DefinitionSubstitutions",
                "DefinitionUri",
                "Name",
                "PermissionsBoundary",
                "Policies",
                "PropagateTags",
                "Role",
                "RolePath",
                "Tags",
                "UseAliasAsEventTarget",
            ),
            "DeploymentPreference": {
                **done("Alarms", "Interval", "Percentage"),
                "Type": ["ALL_AT_ONCE", "CANARY", "LINEAR"],
            },
            "Events": {
                "*": _MACHINE_EVENTS,
            },
            "Logging": {
                "Destinations": {"CloudWatchLogsLogGroup": done("LogGroupArn")},
                "IncludeExecutionData": DONE,
                "Level": ["ALL", "ERROR", "FATAL", "OFF"],
            },
            "Tracing": NO_TRACES,
            "Type": ["STANDARD", "EXPRESS"],
        },
        globals_section="StateMachine",
    ),
)
