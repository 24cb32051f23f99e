"""The action and the resources of each operation, service by service; S3's are in s3_requests.py.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from localaws.iam.asked import Asked, Operation

ALL = "*"

# An operation and the beginning of an ARN (`arn:aws:sqs:us-east-1:123456789012`) → what it asks for.
type Derive = Callable[[Operation, str], Iterator[Asked]]


def _sqs(operation: Operation, prefix: str) -> Iterator[Asked]:
    queue = operation.text("QueueName") or operation.text("QueueUrl").rstrip("/").rpartition("/")[2]
    name = operation.name.removesuffix("Batch")
    if name in ("StartMessageMoveTask", "ListMessageMoveTasks"):
        yield Asked(f"sqs:{name}", operation.text("SourceArn"))
        return
    yield Asked(f"sqs:{name}", f"{prefix}:{queue}" if queue else ALL)


def _sns(operation: Operation, prefix: str) -> Iterator[Asked]:
    topic = operation.text("TopicArn", "TargetArn", "ResourceArn")
    if not topic and operation.text("Name"):
        topic = f"{prefix}:{operation.text('Name')}"
    if not topic and operation.text("SubscriptionArn"):
        topic = operation.text("SubscriptionArn").rpartition(":")[0]
    keys = {f"sns:{name.lower()}": (operation.text(name),) for name in ("Protocol", "Endpoint") if operation.text(name)}
    yield Asked(f"sns:{operation.name.removesuffix('Batch')}", topic or ALL, keys)


def _events(operation: Operation, prefix: str) -> Iterator[Asked]:
    if operation.name == "PutEvents":
        for entry in operation.parameters.get("Entries") or [{}]:
            bus = str(entry.get("EventBusName") or "default")
            arn = bus if bus.startswith("arn:") else f"{prefix}:event-bus/{bus}"
            keys = {"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")}
            yield Asked("events:PutEvents", arn, {key: (str(value),) for key, value in keys.items() if value})
        return
    bus, rule = operation.text("EventBusName"), operation.text("Rule")
    if operation.name.endswith(("Rule", "Targets", "TargetsByRule")):
        rule = rule or operation.text("Name")
        path = rule if bus in ("", "default") else f"{bus.rpartition('/')[2]}/{rule}"
        yield Asked(f"events:{operation.name}", f"{prefix}:rule/{path}")
        return
    name = operation.text("Name") or bus
    yield Asked(f"events:{operation.name}", f"{prefix}:event-bus/{name}" if "EventBus" in operation.name else ALL)


def _lambda(operation: Operation, prefix: str) -> Iterator[Asked]:
    action = {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeFunction"}.get(operation.name, operation.name)
    function = operation.text("FunctionName")
    arn = function if function.startswith("arn:") else f"{prefix}:function:{function.rpartition('function:')[2]}"
    if "EventSourceMapping" in operation.name:
        mapping = operation.text("UUID")
        keys = {"lambda:FunctionArn": (arn,)} if function else {}
        yield Asked(f"lambda:{action}", f"{prefix}:event-source-mapping:{mapping}" if mapping else ALL, keys)
        return
    if not function:
        yield Asked(f"lambda:{action}", ALL)
        return
    qualifier = operation.text("Qualifier")
    yield Asked(f"lambda:{action}", f"{arn}:{qualifier}" if qualifier else arn)


def _dynamodb(operation: Operation, prefix: str) -> Iterator[Asked]:
    def table(name: str, index: str = "") -> str:
        arn = name if name.startswith("arn:") else f"{prefix}:table/{name}"
        return f"{arn}/index/{index}" if index else arn

    name = operation.name
    if name in ("BatchGetItem", "BatchWriteItem"):
        for each in operation.parameters.get("RequestItems", {}):
            yield Asked(f"dynamodb:{name}", table(each))
    elif name in ("TransactGetItems", "TransactWriteItems"):
        actions = {
            "Get": "GetItem",
            "Put": "PutItem",
            "Update": "UpdateItem",
            "Delete": "DeleteItem",
            "ConditionCheck": "ConditionCheckItem",
        }
        for item in operation.parameters.get("TransactItems", []):
            for kind, given in item.items():
                yield Asked(f"dynamodb:{actions[kind]}", table(given["TableName"]))
    elif operation.text("TableName"):
        yield Asked(f"dynamodb:{name}", table(operation.text("TableName"), operation.text("IndexName")))
    else:
        yield Asked(f"dynamodb:{name}", operation.text("ResourceArn") or ALL)


def _ecs(operation: Operation, prefix: str) -> Iterator[Asked]:
    def arn(kind: str, named: str) -> str:
        return named if named.startswith("arn:") else f"{prefix}:{kind}/{named}"

    cluster = operation.text("cluster", "clusterName")
    keys = {"ecs:cluster": (arn("cluster", cluster or "default"),)}
    definition, tasks = operation.text("taskDefinition"), operation.parameters.get("tasks") or [operation.text("task")]
    if operation.name == "RunTask":
        named = definition if ":" in definition.rpartition("/")[2] else f"{definition}:*"
        yield Asked(f"ecs:{operation.name}", arn("task-definition", named), keys)
    elif operation.name in ("DescribeTasks", "StopTask"):
        for task in tasks:
            name = str(task) if "/" in str(task) else f"{cluster.rpartition('/')[2] or 'default'}/{task}"
            yield Asked(f"ecs:{operation.name}", arn("task", name), keys)
    elif "Cluster" in operation.name and cluster:
        yield Asked(f"ecs:{operation.name}", arn("cluster", cluster))
    else:
        yield Asked(f"ecs:{operation.name}", ALL)


def _batch(operation: Operation, prefix: str) -> Iterator[Asked]:
    def arn(kind: str, named: str) -> str:
        return named if named.startswith("arn:") else f"{prefix}:{kind}/{named}"

    kinds = {
        "job-definition": operation.text("jobDefinition", "jobDefinitionName"),
        "job-queue": operation.text("jobQueue", "jobQueueName"),
        "compute-environment": operation.text("computeEnvironment", "computeEnvironmentName"),
        "job": operation.text("jobId"),
    }
    named = {kind: name for kind, name in kinds.items() if name}
    # Lists and descriptions have no resources.
    if not named or operation.name.startswith(("Describe", "List")):
        yield Asked(f"batch:{operation.name}", ALL)
        return
    for kind, name in named.items():
        yield Asked(f"batch:{operation.name}", arn(kind, name))


def _logs(operation: Operation, prefix: str) -> Iterator[Asked]:
    groups = operation.parameters.get("logGroupNames") or [operation.text("logGroupName")]
    identifiers = operation.parameters.get("logGroupIdentifiers") or [operation.text("logGroupIdentifier")]
    names = [group for group in groups if group] or [each.rpartition("log-group:")[2] for each in identifiers if each]
    if not names:
        yield Asked(f"logs:{operation.name}", ALL)
    stream = operation.text("logStreamName")
    for name in names:
        group = f"{prefix}:log-group:{name}"
        yield Asked(f"logs:{operation.name}", f"{group}:log-stream:{stream}" if stream else f"{group}:*")


def _cloudwatch(operation: Operation, prefix: str) -> Iterator[Asked]:  # noqa: ARG001 (the type's parameter)
    namespace = operation.text("Namespace")
    yield Asked(f"cloudwatch:{operation.name}", ALL, {"cloudwatch:namespace": (namespace,)} if namespace else {})


def _firehose(operation: Operation, prefix: str) -> Iterator[Asked]:
    stream = operation.text("DeliveryStreamName")
    yield Asked(f"firehose:{operation.name}", f"{prefix}:deliverystream/{stream}" if stream else ALL)


def _ssm(operation: Operation, prefix: str) -> Iterator[Asked]:
    names = operation.parameters.get("Names") or [operation.text("Name", "Path")]
    for name in names:
        path = str(name).strip("/")
        known = str(name).startswith("arn:")
        yield Asked(f"ssm:{operation.name}", str(name) if known else f"{prefix}:parameter/{path}" if path else ALL)


def _secretsmanager(operation: Operation, prefix: str) -> Iterator[Asked]:
    secret = operation.text("SecretId", "Name")
    arn = secret if secret.startswith("arn:") else f"{prefix}:secret:{secret}-000000" if secret else ALL
    yield Asked(f"secretsmanager:{operation.name}", arn)


def _kms(operation: Operation, prefix: str) -> Iterator[Asked]:
    key = operation.text("KeyId")
    path = key if key.startswith("alias/") else f"key/{key}"
    yield Asked(f"kms:{operation.name}", key if key.startswith("arn:") else f"{prefix}:{path}" if key else ALL)


def _scheduler(operation: Operation, prefix: str) -> Iterator[Asked]:
    name, group = operation.text("Name"), operation.text("groupName", "GroupName") or "default"
    kind = "schedule-group" if operation.name.endswith("Group") else f"schedule/{group}"
    yield Asked(f"scheduler:{operation.name}", f"{prefix}:{kind}/{name}" if name else ALL)


def _states(operation: Operation, prefix: str) -> Iterator[Asked]:
    qualified = ("stateMachineVersionArn", "stateMachineAliasArn", "activityArn")
    named = operation.text("stateMachineArn", "executionArn", "mapRunArn", "resourceArn", *qualified)
    name = operation.text("name")
    made = {"CreateActivity": "activity", "CreateStateMachine": "stateMachine"}.get(operation.name)
    routes = operation.parameters.get("routingConfiguration")
    if made and name:
        named = f"{prefix}:{made}:{name}"
    elif operation.name == "CreateStateMachineAlias" and routes:
        named = f"{str(routes[0].get('stateMachineVersionArn')).rpartition(':')[0]}:{name}"
    yield Asked(f"states:{operation.name}", named or ALL)


def _sts(operation: Operation, prefix: str) -> Iterator[Asked]:  # noqa: ARG001 (the type's parameter)
    # Everybody may ask who they are.
    if operation.name != "GetCallerIdentity":
        yield Asked(f"sts:{operation.name}", operation.text("RoleArn") or ALL)


def _iam(operation: Operation, prefix: str) -> Iterator[Asked]:
    account = prefix.rpartition(":")[2]
    kinds = {"RoleName": "role", "UserName": "user", "PolicyName": "policy", "GroupName": "group"}
    kind = next((name for name in kinds if operation.text(name)), None)
    named = f"arn:aws:iam::{account}:{kinds[kind]}/{operation.text(kind)}" if kind else ALL
    yield Asked(f"iam:{operation.name}", operation.text("PolicyArn") if named == ALL else named)


# The service of a signature → what its operations ask for. Of a service that isn't here no more is looked at than the
# roles that it's given (passed_roles.py).
RESOURCES: Mapping[str, Derive] = {
    "batch": _batch,
    "dynamodb": _dynamodb,
    "ecs": _ecs,
    "events": _events,
    "firehose": _firehose,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "monitoring": _cloudwatch,
    "scheduler": _scheduler,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
    "states": _states,
    "sts": _sts,
}
