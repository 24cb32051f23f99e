"""The rules by which a resource type declares its supported properties, and rules that several types share.

`properties` of a type has a rule for each property. A property without one is refused.

    DONE            it's supported: it has the same effect as on AWS
    "a note"        it's accepted without effect, since it has no meaning on one machine; the note is printed
    ["a", "b"]      only these values are supported; {"c": "a note"} among them is accepted without effect
    {"Name": …}     a structure, or a list of them; "*" stands for any name
    "$by": "Key"    in a structure: its other members depend on the value of Key
    "$others"       in a structure: the rule for members of any other name
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

type Choices = list[str | dict[str, str]]
type Rule = bool | str | Choices | Mapping[str, Any]
type Rules = Mapping[str, Rule]

DONE = True


def done(*names: str) -> Rules:
    """The rules of properties that are supported."""
    return dict.fromkeys(names, DONE)


# Notes of properties that are accepted without effect.
NEVER_EXPIRES = "the credentials of a role don't expire"
NOT_ENFORCED = "local AWS's IAM doesn't look at it"
NOT_ENCRYPTED = "nothing is encrypted at rest"
NO_TLS = "APIs are served over HTTP, without certificates"
NO_TRACES = "no traces are sent"
NO_ROUTE_METRICS = "metrics of single routes aren't published"
NO_ACCESS_LOGS = "access logs aren't written"
NO_CAPACITY = "capacity isn't limited"
ONE_REGION = "everything is in local AWS's one region"
NO_ACCESS_LISTS = "access control lists aren't enforced"
NO_BACKUPS = "no backups are made"
NOT_KEPT_WARM = "no environments are kept warm"
RULE_TRIED_ONCE = "a rule's target is tried once, then its dead-letter queue"
SCHEDULE_TRIED_ONCE = "a schedule's target is tried once, then its dead-letter queue"
WINDOW_OPENS = "a flexible schedule runs when its window opens"

# Structures that several types share.
CORS: Rules = done("AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge")
TRIGGERS: Rules = done("TriggerEvents", "TriggerName", "TriggerTargetArn")
ROUTE_SETTINGS: Rules = {
    **done("ThrottlingBurstLimit", "ThrottlingRateLimit"),
    "DataTraceEnabled": NO_ACCESS_LOGS,
    "DetailedMetricsEnabled": NO_ROUTE_METRICS,
    "LoggingLevel": NO_ACCESS_LOGS,
}
PROTOCOLS: Choices = [
    "sqs",
    "lambda",
    {
        "email": "no e-mail is sent",
    },
    {
        "email-json": "no e-mail is sent",
    },
    {
        "sms": "no text message is sent",
    },
]
LOGGING: Rules = {
    "ApplicationLogLevel": ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"],
    "LogFormat": ["Text", "JSON"],
    "LogGroup": DONE,
    "SystemLogLevel": ["INFO"],
}
FLEXIBLE_WINDOW: Rules = {
    "MaximumWindowInMinutes": WINDOW_OPENS,
    "Mode": ["OFF", "FLEXIBLE"],
}
FILTERS: Rules = {
    "Filters": done("Pattern"),
}
# The options of event sources that are streams, in SAM's events and in mappings.
STREAM_OPTIONS: Rules = {
    **done(
        "BisectBatchOnFunctionError", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "StartingPositionTimestamp"
    ),
    "DestinationConfig": {
        "OnFailure": done("Destination"),
    },
    "ParallelizationFactor": "each shard has one batch at a time",
    "StartingPosition": ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"],
}
OBJECT_FILTER: Rules = {
    "S3Key": {
        "Rules": done("Name", "Value"),
    },
}
# The supported runtimes: all Python versions run on the Python of local AWS.
PYTHONS: Choices = [
    "python3.13",
    *({f"python3.{minor}": "it runs on Python 3.13"} for minor in (8, 9, 10, 11, 12, 14)),
]
# The common properties of AWS::Lambda::Function and SAM's function.
FUNCTION: Rules = {
    **done(
        "Description",
        "FunctionName",
        "Handler",
        "Layers",
        "MemorySize",
        "ReservedConcurrentExecutions",
        "Role",
        "Tags",
        "Timeout",
    ),
    "Architectures": "functions run on this machine's architecture",
    "CodeSigningConfigArn": "signatures of code aren't verified",
    "DurableConfig": {
        "ExecutionTimeout": DONE,
        "RetentionPeriodInDays": "executions are kept until local AWS stops",
    },
    "Environment": done("Variables"),
    "EphemeralStorage": done("Size"),
    "ImageConfig": done("Command", "EntryPoint"),
    "KmsKeyArn": NOT_ENCRYPTED,
    "LoggingConfig": LOGGING,
    "PackageType": ["Zip", "Image"],
    "RecursiveLoop": "recursive calls aren't stopped",
    "Runtime": PYTHONS,
    "RuntimeManagementConfig": "the runtime has one version",
    "SnapStart": "cold starts run without snapshots",
    "VpcConfig": "functions use this machine's network",
}
# The common properties of AWS::Lambda::LayerVersion and SAM's layer.
LAYER: Rules = done("CompatibleArchitectures", "CompatibleRuntimes", "Description", "LayerName", "LicenseInfo")
