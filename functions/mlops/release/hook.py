"""CodeDeploy's lifecycle events of the API's alias, and the answer to each.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.logging import Logger

from mlops.release.check_key import CheckKeys
from mlops.release.checks import find_failures
from mlops.release.traffic import Canary, read_canary

ALLOW = "AllowTraffic"
_SUCCEEDED, _FAILED = "Succeeded", "Failed"


@dataclass(frozen=True)
class Hook:
    """Answers CodeDeploy. The clients are boto3's; `namespace` is that of the API's own metrics."""

    codedeploy: Any
    functions: Any
    cloudwatch: Any
    keys: CheckKeys
    logger: Logger
    namespace: str

    def answer(self, deployment: str, execution: str) -> str:
        """Check the version of a deployment at its present lifecycle event; returns the answer, which CodeDeploy gets.

        A check that fails itself is answered by Failed, and raises: CodeDeploy would wait an hour for an answer.
        """
        status = _FAILED
        try:
            target = find_target(self.codedeploy, deployment)
            status = self._look_back(target) if _has_traffic(target) else self._check(target["lambdaFunctionInfo"])
        finally:
            self.codedeploy.put_lifecycle_event_hook_execution_status(
                deploymentId=deployment, lifecycleEventHookExecutionId=execution, status=status
            )
        return status

    def _check(self, info: Mapping[str, Any]) -> str:
        function, version, alias = (info[name] for name in ("functionName", "targetVersion", "functionAlias"))
        with self.keys.issued() as key:
            failures = find_failures(self.functions, function, version, alias, key)
        extra = {"record": "release", "function_version": info["targetVersion"]}
        if failures:
            self.logger.error("release refused", extra={**extra, "reason": "; ".join(failures)})
            return _FAILED
        self.logger.info("release checked", extra=extra)
        return _SUCCEEDED

    def _look_back(self, target: Mapping[str, Any]) -> str:
        """Report what the canary showed. It can't fail any more: its alarm has had its say."""
        canary = canary_of(self.cloudwatch, target, self.namespace)
        if canary:
            extra = {
                "record": "release",
                "function_version": canary.version,
                "requests": canary.requests,
                "failures": canary.failures,
                "failing_share_at_most": round(canary.ceiling, 4),
                "conclusive": canary.is_conclusive,
            }
            log = self.logger.info if canary.is_conclusive else self.logger.warning
            log(canary.summary, extra=extra)
        return _SUCCEEDED


def find_target(codedeploy: Any, deployment: str) -> Mapping[str, Any]:
    """The Lambda target of a deployment: function, versions, lifecycle events."""
    (target,) = codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
    found = codedeploy.get_deployment_target(deploymentId=deployment, targetId=target)["deploymentTarget"]
    described: Mapping[str, Any] = found["lambdaTarget"]
    return described


def canary_of(cloudwatch: Any, target: Mapping[str, Any], namespace: str) -> Canary | None:
    """The canary of a deployment whose traffic has been shifted; None if that was done at once."""
    (allow,) = [event for event in target["lifecycleEvents"] if event["lifecycleEventName"] == ALLOW]
    started, ended = allow.get("startTime"), allow.get("endTime")
    if started is None or ended is None or (ended - started).total_seconds() < 1:
        return None
    info = target["lambdaFunctionInfo"]
    return read_canary(
        cloudwatch, info["functionName"], info["functionAlias"], info["targetVersion"], namespace, (started, ended)
    )


def _has_traffic(target: Mapping[str, Any]) -> bool:
    """Whether all traffic has been shifted: until that is on record, a version is to be checked."""
    return any(
        event["lifecycleEventName"] == ALLOW and event["status"] == _SUCCEEDED for event in target["lifecycleEvents"]
    )
