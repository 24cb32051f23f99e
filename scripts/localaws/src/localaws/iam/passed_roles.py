"""The roles that a call gives to a service: its caller needs iam:PassRole for each of them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from localaws.iam.asked import Asked, Operation

# Finds what is in the place of a role in the parameters of an operation.
type Find = Callable[[Operation], Iterator[Any]]
_ANY_DEPTH = "**"


def pass_role(role: str, service: str) -> Asked:
    """What it takes to give a service a role."""
    return Asked("iam:PassRole", role, {"iam:PassedToService": (service,)})


def passed_roles(service: str, operation: Operation, prefix: str) -> Iterator[Asked]:
    """What an operation asks for because of the roles in its parameters, once for each role.

    `service` is that of the signature, `prefix` the beginning of an ARN (`arn:aws:sqs:us-east-1:123456789012`).
    """
    taker = TAKERS.get(service, {}).get(operation.name)
    if taker is None:
        return
    principal, find = taker
    account = prefix.rpartition(":")[2]
    roles = (str(found) for found in find(operation) if found)
    named = (role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}" for role in roles)
    # What isn't a role's ARN isn't passed: API Gateway takes `arn:aws:iam::*:user/*` for the credentials of its caller.
    for role in dict.fromkeys(each for each in named if ":role/" in each):
        yield pass_role(role, principal)


def _at(*paths: str) -> Find:
    """Finds the values at dotted paths, in each item where there's a list; `**` stands for any depth.

    In the query protocol the names of parameters are such paths themselves.
    """

    def find(operation: Operation) -> Iterator[Any]:
        for path in paths:
            if path in operation.parameters:
                yield operation.parameters[path]
            else:
                yield from _follow(operation.parameters, path.split("."))

    return find


def _follow(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _follow(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        name, rest = path[0], path[1:]
        if name == _ANY_DEPTH:
            yield from _follow(value, rest)
            for inner in value.values():
                yield from _follow(inner, path)
        elif name in value:
            yield from _follow(value[name], rest)


def _patched(*paths: str) -> Find:
    """Finds the values that JSON patches set at these paths."""

    def find(operation: Operation) -> Iterator[Any]:
        for patch in operation.parameters.get("patchOperations") or ():
            if isinstance(patch, Mapping) and patch.get("path") in paths:
                yield patch.get("value")

    return find


def _attributes(operation: Operation) -> Iterator[Any]:
    """Finds the roles in the attributes of a topic or subscription."""
    given = operation.parameters
    pairs = [(given.get("AttributeName"), given.get("AttributeValue"))]
    entries = (name.removesuffix(".key") for name in given if name.startswith("Attributes.") and name.endswith(".key"))
    pairs += [(given[f"{entry}.key"], given.get(f"{entry}.value")) for entry in entries]
    return (value for name, value in pairs if str(name).endswith("RoleArn"))


def _imported(operation: Operation) -> Iterator[Any]:
    """Finds the roles of the integrations and authorizers in an OpenAPI document; one that can't be read has none."""
    try:
        document = yaml.safe_load(operation.parameters.get("body") or "")
    except yaml.YAMLError:
        return
    yield from _follow(document, (_ANY_DEPTH, "x-amazon-apigateway-integration", "credentials"))
    yield from _follow(document, (_ANY_DEPTH, "x-amazon-apigateway-authorizer", "authorizerCredentials"))


def _either(*finds: Find) -> Find:
    return lambda operation: (found for find in finds for found in find(operation))


_API_GATEWAY = "apigateway.amazonaws.com"
_STACKS = ("cloudformation.amazonaws.com", _at("RoleARN"))
_DEPLOYMENT_GROUP = ("codedeploy.amazonaws.com", _at("serviceRoleArn"))
_COMPUTE_ENVIRONMENT = ("batch.amazonaws.com", _at("serviceRole"))
_STREAM = ("firehose.amazonaws.com", _at("**.RoleARN"))
_FUNCTION = ("lambda.amazonaws.com", _at("Role"))
_MACHINE = ("states.amazonaws.com", _at("roleArn"))
_SCHEDULE = ("scheduler.amazonaws.com", _at("Target.RoleArn"))
_TOPIC = ("sns.amazonaws.com", _attributes)
_LOG_DESTINATION = ("logs.amazonaws.com", _at("roleArn"))
_COMMAND = ("ssm.amazonaws.com", _at("ServiceRoleArn", "TaskInvocationParameters.RunCommand.ServiceRoleArn"))
_IMPORT = (_API_GATEWAY, _imported)

# The service of a signature → operation → who gets a role, and what finds it. API Gateway's names are those of its REST
# APIs and of its HTTP APIs.
TAKERS: Mapping[str, Mapping[str, tuple[str, Find]]] = {
    "apigateway": {
        "CreateApi": (_API_GATEWAY, _at("credentialsArn")),
        "CreateAuthorizer": (_API_GATEWAY, _at("authorizerCredentials", "authorizerCredentialsArn")),
        "CreateIntegration": (_API_GATEWAY, _at("credentialsArn")),
        "ImportApi": _IMPORT,
        "ImportRestApi": _IMPORT,
        "PutIntegration": (_API_GATEWAY, _at("credentials")),
        "PutRestApi": _IMPORT,
        "ReimportApi": _IMPORT,
        "UpdateAccount": (_API_GATEWAY, _patched("/cloudwatchRoleArn")),
        "UpdateApi": (_API_GATEWAY, _at("credentialsArn")),
        "UpdateAuthorizer": (
            _API_GATEWAY,
            _either(_at("authorizerCredentialsArn"), _patched("/authorizerCredentials")),
        ),
        "UpdateIntegration": (_API_GATEWAY, _either(_at("credentialsArn"), _patched("/credentials"))),
    },
    "batch": {
        "CreateComputeEnvironment": _COMPUTE_ENVIRONMENT,
        "RegisterJobDefinition": (
            "ecs-tasks.amazonaws.com",
            _at("containerProperties.jobRoleArn", "containerProperties.executionRoleArn"),
        ),
        "UpdateComputeEnvironment": _COMPUTE_ENVIRONMENT,
    },
    "cloudformation": {
        "CreateChangeSet": _STACKS,
        "CreateStack": _STACKS,
        "DeleteStack": _STACKS,
        "UpdateStack": _STACKS,
    },
    "codedeploy": {"CreateDeploymentGroup": _DEPLOYMENT_GROUP, "UpdateDeploymentGroup": _DEPLOYMENT_GROUP},
    # The roles of a task that runs are looked at where its definition is known: ecs/tasks.py.
    "ecs": {"RegisterTaskDefinition": ("ecs-tasks.amazonaws.com", _at("taskRoleArn", "executionRoleArn"))},
    "events": {
        "PutRule": ("events.amazonaws.com", _at("RoleArn")),
        "PutTargets": ("events.amazonaws.com", _at("Targets.RoleArn")),
    },
    "firehose": {"CreateDeliveryStream": _STREAM, "UpdateDestination": _STREAM},
    "iam": {"AddRoleToInstanceProfile": ("ec2.amazonaws.com", _at("RoleName"))},
    "lambda": {"CreateFunction": _FUNCTION, "UpdateFunctionConfiguration": _FUNCTION},
    "logs": {
        "PutDeliveryDestination": _LOG_DESTINATION,
        "PutDestination": _LOG_DESTINATION,
        "PutSubscriptionFilter": _LOG_DESTINATION,
    },
    "scheduler": {"CreateSchedule": _SCHEDULE, "UpdateSchedule": _SCHEDULE},
    "secretsmanager": {"RotateSecret": ("secretsmanager.amazonaws.com", _at("ExternalSecretRotationRoleArn"))},
    "sns": {
        "CreateTopic": _TOPIC,
        "SetSubscriptionAttributes": _TOPIC,
        "SetTopicAttributes": _TOPIC,
        "Subscribe": _TOPIC,
    },
    "ssm": {"RegisterTaskWithMaintenanceWindow": _COMMAND, "SendCommand": _COMMAND},
    "states": {"CreateStateMachine": _MACHINE, "TestState": _MACHINE, "UpdateStateMachine": _MACHINE},
}
