"""What CodeDeploy does in the name of a deployment group's service role."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.codedeploy.deployment import Deployment, LifecycleEvent

logger = logging.getLogger(__name__)
# The session's name and a service → a client that acts for a role.
Clients = Callable[[str, str, str], Any]
_SESSION = "codedeploy"
_FAILURES = (ClientError, BotoCoreError)


class Refused(Exception):
    """A service refused what a deployment needs; `code` is the error code of the deployment."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ServiceRole:
    """Acts for deployments; `clients` returns the client of a role, a session and a service."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def check(self, deployment: Deployment) -> None:
        """Raise Refused unless the alias points to the current version only."""
        spec, client = deployment.appspec, self._client(deployment, "lambda")
        try:
            alias = client.get_alias(FunctionName=spec.function, Name=spec.alias)
        except _FAILURES as error:
            raise _refused(error, "INVALID_LAMBDA_FUNCTION", deployment) from None
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        if weights or alias["FunctionVersion"] != spec.current:
            versions = ", ".join(sorted({alias["FunctionVersion"], *weights}))
            message = (
                f"The alias {spec.alias} of {spec.function} must point to version {spec.current} only; "
                f"it points to {versions}."
            )
            raise Refused("INVALID_LAMBDA_CONFIGURATION", message)

    def route(self, deployment: Deployment, version: str, weights: Mapping[str, float]) -> None:
        """Point the alias to a version, and to another by weight. Raises Refused."""
        spec = deployment.appspec
        try:
            self._client(deployment, "lambda").update_alias(
                FunctionName=spec.function,
                Name=spec.alias,
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": dict(weights)},
            )
        except _FAILURES as error:
            raise _refused(error, "INVALID_LAMBDA_FUNCTION", deployment) from None

    def active_alarms(self, deployment: Deployment) -> list[str]:
        """The alarms of a deployment in the state ALARM. Raises Refused if one's state isn't known and must be."""
        names = deployment.alarm_names
        if not names:
            return []
        try:
            found = self._client(deployment, "cloudwatch").describe_alarms(
                AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except _FAILURES as error:
            if deployment.alarms.get("ignorePollAlarmFailure"):
                return []
            raise _refused(error, "ALARM_ACTIVE", deployment) from None
        states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in found["MetricAlarms"] + found["CompositeAlarms"]}
        unknown = sorted({*names} - states.keys())
        if unknown and not deployment.alarms.get("ignorePollAlarmFailure"):
            raise Refused("ALARM_ACTIVE", f"The state of these alarms can't be retrieved: {', '.join(unknown)}")
        return [name for name in names if states.get(name) == "ALARM"]

    def invoke(self, deployment: Deployment, event: LifecycleEvent) -> None:
        """Call a hook, which isn't waited for. Raises Refused."""
        payload = {
            "DeploymentId": deployment.deployment_id,
            "LifecycleEventHookExecutionId": event.execution_id,
        }
        try:
            self._client(deployment, "lambda").invoke(
                FunctionName=event.hook, InvocationType="Event", Payload=json.dumps(payload)
            )
        except _FAILURES as error:
            raise _refused(error, "HOOK_EXECUTION_FAILURE", deployment) from None

    def read_object(self, role: str, location: Mapping[str, str]) -> str:
        """The text of an object in S3. Raises Refused."""
        version = {"VersionId": location["version"]} if location.get("version") else {}
        client = self._clients(role, _SESSION, "s3")
        try:
            found = client.get_object(Bucket=location["bucket"], Key=location["key"], **version)
            return str(found["Body"].read(), "utf-8")
        except _FAILURES as error:
            raise Refused("REVISION_MISSING", str(error)) from None

    def publish(self, deployment: Deployment, topic: str, subject: str, message: Mapping[str, Any]) -> None:
        """Send a message to a topic; what prevents it is logged, as it doesn't stop a deployment."""
        try:
            self._client(deployment, "sns").publish(TopicArn=topic, Subject=subject, Message=json.dumps(message))
        except _FAILURES as error:
            logger.warning("The trigger of %s could not be sent to %s: %s", deployment.deployment_id, topic, error)

    def _client(self, deployment: Deployment, service: str) -> Any:
        return self._clients(deployment.group.role, _SESSION, service)


def _refused(error: ClientError | BotoCoreError, code: str, deployment: Deployment) -> Refused:
    denied = isinstance(error, ClientError) and error.response["Error"]["Code"].startswith("AccessDenied")
    if denied:
        message = f"The IAM role {deployment.group.role} does not give you permission to perform operations: {error}"
        return Refused("IAM_ROLE_PERMISSIONS", message)
    return Refused(code, str(error))
