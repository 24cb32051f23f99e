"""Moves an alias to another version by a deployment of CodeDeploy, as its UpdatePolicy says.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html
"""

from __future__ import annotations

import json
from typing import Any

from localaws.errors import TemplateError
from localaws.resource_types.base import Properties, Scope
from localaws.resource_types.support import Rules, done

UPDATE_POLICY: Rules = {
    "CodeDeployLambdaAliasUpdate": done(
        "AfterAllowTrafficHook", "ApplicationName", "BeforeAllowTrafficHook", "DeploymentGroupName"
    ),
}
_HOOKS = ("BeforeAllowTraffic", "AfterAllowTraffic")
_POLL_SECONDS = 0.2
_ACTIVE = ("Created", "Queued", "InProgress")


def deploy_alias(policy: Properties, old: Properties, new: Properties, scope: Scope) -> None:
    """Wait for a deployment from the version of `old` to that of `new`; raises TemplateError if it doesn't succeed."""
    client = scope.clients("codedeploy")
    deployment = client.create_deployment(
        applicationName=policy["ApplicationName"],
        deploymentGroupName=policy["DeploymentGroupName"],
        revision={
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": json.dumps(_appspec(policy, old, new, scope))},
        },
    )["deploymentId"]
    described = _ended(client, deployment, scope)
    if described["status"] != "Succeeded":
        rollback = described.get("rollbackInfo", {}).get("rollbackDeploymentId")
        raise TemplateError(_reason(described, _ended(client, rollback, scope) if rollback else None))


def _appspec(policy: Properties, old: Properties, new: Properties, scope: Scope) -> dict[str, Any]:
    properties = {
        "Name": str(new["FunctionName"]).rpartition(":function:")[2],
        "Alias": new["Name"],
        "CurrentVersion": str(old["FunctionVersion"]),
        "TargetVersion": str(new["FunctionVersion"]),
    }
    hooks = [{event: policy[f"{event}Hook"]} for event in _HOOKS if policy.get(f"{event}Hook")]
    resource = {scope.logical_id: {"Type": "AWS::Lambda::Function", "Properties": properties}}
    return {"version": 0.0, "Resources": [resource], "Hooks": hooks}


def _ended(client: Any, deployment: str, scope: Scope) -> dict[str, Any]:
    """Wait for the end of a deployment; returns what GetDeployment returns."""
    while True:
        described: dict[str, Any] = client.get_deployment(deploymentId=deployment)["deploymentInfo"]
        if described["status"] not in _ACTIVE:
            return described
        scope.pause(_POLL_SECONDS)


def _reason(described: dict[str, Any], rollback: dict[str, Any] | None) -> str:
    """Why the update of the alias fails: the error, and what became of the traffic."""
    outcome = "it isn't rolled back"
    if rollback:
        succeeded = rollback["status"] == "Succeeded"
        outcome = "Rollback successful" if succeeded else f"the rollback {rollback['deploymentId']} failed"
    error = described.get("errorInformation", {})
    deployment, status = described["deploymentId"], described["status"].lower()
    return f"CodeDeploy deployment {deployment} {status} ({error.get('code')}): {error.get('message')} {outcome}."
