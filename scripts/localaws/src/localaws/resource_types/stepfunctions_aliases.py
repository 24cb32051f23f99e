"""Step Functions: versions and aliases of state machines, and the gradual deployment of an alias."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from localaws.errors import TemplateError
from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import Rules, done

_POLL_SECONDS = 0.2
_WHOLE = 100
# Settings of a gradual deployment → their largest value; Interval is in minutes.
_RANGES: Mapping[str, int] = {"Interval": 2100, "Percentage": 99}


class Version:
    """AWS::StepFunctions::StateMachineVersion."""

    name = "AWS::StepFunctions::StateMachineVersion"
    replaced_by = frozenset({"Description", "StateMachineArn", "StateMachineRevisionId"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = done("Description", "StateMachineArn", "StateMachineRevisionId")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Publish the version; its ARN is the value of Ref."""
        named = {"description": "Description", "revisionId": "StateMachineRevisionId"}
        given = {name: properties[its] for name, its in named.items() if its in properties}
        arn = scope.clients("stepfunctions").publish_state_machine_version(
            stateMachineArn=properties["StateMachineArn"], **given
        )["stateMachineVersionArn"]
        return Deployed(arn, {"Arn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: a version never changes."""
        return Deployed(physical_id, {"Arn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the version."""
        scope.clients("stepfunctions").delete_state_machine_version(stateMachineVersionArn=physical_id)


class Alias:
    """AWS::StepFunctions::StateMachineAlias."""

    name = "AWS::StepFunctions::StateMachineAlias"
    replaced_by = frozenset({"Name"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        **done("Description", "Name"),
        "DeploymentPreference": {
            **done("Alarms", "Interval", "Percentage", "StateMachineVersionArn"),
            "Type": ["ALL_AT_ONCE", "CANARY", "LINEAR"],
        },
        "RoutingConfiguration": done("StateMachineVersionArn", "Weight"),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the alias; its ARN is the value of Ref. A first deployment is never gradual."""
        arn = scope.clients("stepfunctions").create_state_machine_alias(
            name=properties.get("Name") or scope.generated_name(80),
            description=properties.get("Description", ""),
            routingConfiguration=_routing(properties),
        )["stateMachineAliasArn"]
        return Deployed(arn, {"Arn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Change the alias, gradually if its DeploymentPreference says so."""
        preference = new.get("DeploymentPreference") or {}
        client = scope.clients("stepfunctions")
        if preference.get("Type") in ("CANARY", "LINEAR"):
            _Shift(client, scope, physical_id, preference).run()
        client.update_state_machine_alias(
            stateMachineAliasArn=physical_id,
            description=new.get("Description", ""),
            routingConfiguration=_routing(new),
        )
        return Deployed(physical_id, {"Arn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the alias."""
        client = scope.clients("stepfunctions")
        try:
            client.delete_state_machine_alias(stateMachineAliasArn=physical_id)
        except client.exceptions.ResourceNotFound:
            return


class _Shift:
    """Moves executions from the version that an alias routes to most to another, step by step.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-stepfunctions-statemachinealias-deploymentpreference.html
    """

    def __init__(self, client: Any, scope: Scope, alias: str, preference: Mapping[str, Any]) -> None:
        for name, most in _RANGES.items():
            if not 1 <= int(preference.get(name, 0)) <= most:
                kind = preference["Type"]
                raise TemplateError(f"DeploymentPreference of type {kind} needs {name}, from 1 to {most}.")
        self._client, self._scope, self._alias = client, scope, alias
        self._target = str(preference["StateMachineVersionArn"])
        self._percentage, self._seconds = int(preference["Percentage"]), 60 * int(preference["Interval"])
        self._is_linear, self._alarms = preference["Type"] == "LINEAR", preference.get("Alarms") or []
        described = client.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"]
        self._before = max(described, key=lambda route: route["weight"])["stateMachineVersionArn"]

    def run(self) -> None:
        """Return when all executions can go to the target; raises TemplateError if an alarm goes off before."""
        if self._before == self._target:
            return
        began = self._route(self._percentage)
        for number, weight in enumerate(self._weights(), start=1):
            while (self._route(weight) - began).total_seconds() < number * self._seconds:
                alarm = self._alarm()
                if alarm:
                    self._route(0)
                    raise TemplateError(f"The alarm {alarm} went off; the alias routes to {self._before} again.")
                self._scope.pause(_POLL_SECONDS)

    def _weights(self) -> Iterator[int]:
        """The target's percentage during each interval."""
        yield from range(self._percentage, _WHOLE, self._percentage) if self._is_linear else (self._percentage,)

    def _route(self, weight: int) -> datetime:
        """Give the target a percentage; returns the time on local AWS's clock."""
        routes = {self._target: weight, self._before: _WHOLE - weight}
        routing = [{"stateMachineVersionArn": arn, "weight": share} for arn, share in routes.items() if share]
        updated: datetime = self._client.update_state_machine_alias(
            stateMachineAliasArn=self._alias, routingConfiguration=routing
        )["updateDate"]
        return updated

    def _alarm(self) -> str | None:
        """An alarm of the deployment that's in the state ALARM."""
        if not self._alarms:
            return None
        found = self._scope.clients("cloudwatch").describe_alarms(
            AlarmNames=[str(name) for name in self._alarms], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        alarms = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
        return next((str(alarm["AlarmName"]) for alarm in alarms if alarm["StateValue"] == "ALARM"), None)


def _routing(properties: Properties) -> list[dict[str, Any]]:
    preference, routes = properties.get("DeploymentPreference"), properties.get("RoutingConfiguration")
    if bool(preference) == bool(routes):
        raise TemplateError("An alias needs either RoutingConfiguration or DeploymentPreference.")
    if preference:
        return [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": _WHOLE}]
    return [
        {"stateMachineVersionArn": route["StateMachineVersionArn"], "weight": int(route["Weight"])}
        for route in routes or []
    ]
