"""The operations of AWS that take a role, read from botocore's models, and what local AWS does about those it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.loaders import create_loader

# The services whose operations local AWS answers by its own code, or looks at the permissions for.
SERVICES = (
    "apigateway",
    "apigatewayv2",
    "batch",
    "cloudformation",
    "cloudwatch",
    "codedeploy",
    "dynamodb",
    "ecs",
    "events",
    "firehose",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
)
# botocore's name of a service → that of its signatures.
SIGNED_FOR: Mapping[str, str] = {
    "apigatewayv2": "apigateway",
    "cloudwatch": "monitoring",
    "stepfunctions": "states",
}
# What takes a role without giving it to a service.
NOT_PASSED: Mapping[tuple[str, str], str] = {
    ("ecs", "RunTask"): "the roles of the definition are passed too, so it's looked at where that's known",
    ("s3", "PutBucketNotification"): "the member is from before 2014, and S3 has no use for it",
    ("sts", "AssumeRole"): "the caller takes the role itself",
    ("sts", "AssumeRoleWithSAML"): "the caller takes the role itself",
    ("sts", "AssumeRoleWithWebIdentity"): "the caller takes the role itself",
}
# What local AWS refuses by name.
UNSUPPORTED = frozenset(
    {
        ("cloudformation", "ActivateType"),
        ("cloudformation", "ContinueUpdateRollback"),
        ("cloudformation", "CreateStackSet"),
        ("cloudformation", "RegisterType"),
        ("cloudformation", "RollbackStack"),
        ("cloudformation", "UpdateStackSet"),
        ("cloudwatch", "PutLogAlarm"),
        ("cloudwatch", "PutMetricStream"),
        ("dynamodb", "UpdateGlobalTableSettings"),
        ("dynamodb", "UpdateTableReplicaAutoScaling"),
        ("ecs", "CreateCapacityProvider"),
        ("ecs", "CreateExpressGatewayService"),
        ("ecs", "CreateGateway"),
        ("ecs", "CreateService"),
        ("ecs", "CreateTaskSet"),
        ("ecs", "RegisterDaemonTaskDefinition"),
        ("ecs", "StartTask"),
        ("ecs", "UpdateCapacityProvider"),
        ("ecs", "UpdateExpressGatewayService"),
        ("ecs", "UpdateGateway"),
        ("ecs", "UpdateService"),
        ("events", "CreateEndpoint"),
        ("events", "UpdateEndpoint"),
        ("kinesis", "CreateChannel"),
        ("lambda", "CreateCapacityProvider"),
        ("logs", "CreateImportTask"),
        ("logs", "CreateScheduledQuery"),
        ("logs", "PutIntegration"),
        ("logs", "UpdateScheduledQuery"),
        ("s3", "CreateBucketMetadataConfiguration"),
        ("s3", "UpdateBucketMetadataAnnotationTableConfiguration"),
        ("ssm", "CreateActivation"),
        ("ssm", "CreateAssociation"),
        ("ssm", "CreateAssociationBatch"),
        ("ssm", "CreateCloudConnector"),
        ("ssm", "RegisterDefaultHostManagementConfiguration"),
        ("ssm", "UpdateAssociation"),
        ("ssm", "UpdateMaintenanceWindowTask"),
        ("ssm", "UpdateManagedInstanceRole"),
    }
)
_ROLE = re.compile(r"(role|rolearn|credentials|credentialsarn)$", re.IGNORECASE)


def operations_with_roles(service: str) -> Iterator[str]:
    """The operations of a service that have the ARN of a role among their parameters."""
    model = create_loader().load_service_model(service, "service-2")
    for name, operation in model["operations"].items():
        if "input" in operation and _has_role(model, operation["input"]["shape"], ()):
            yield name


def _has_role(model: Mapping[str, Any], shape: str, within: tuple[str, ...]) -> bool:
    if shape in within:
        return False
    found, inner = model["shapes"][shape], (*within, shape)
    if found["type"] == "list":
        return _has_role(model, found["member"]["shape"], inner)
    if found["type"] != "structure":
        return False
    return any(
        bool(_ROLE.search(name))
        if model["shapes"][member["shape"]]["type"] == "string"
        else _has_role(model, member["shape"], inner)
        for name, member in found["members"].items()
    )


def least(model: Mapping[str, Any], shape: str) -> Any:
    """The least value of a shape: the required members of a structure, with a value of their type."""
    found = model["shapes"][shape]
    match found["type"]:
        case "structure":
            required = found.get("required", ())
            return {name: least(model, found["members"][name]["shape"]) for name in required}
        case "string":
            return found["enum"][0] if "enum" in found else "x" * max(1, found.get("min", 1))
        case "list":
            return [least(model, found["member"]["shape"])]
        case "map":
            return {}
        case "boolean":
            return True
        case "blob":
            return b"x"
        case _:
            return 1
