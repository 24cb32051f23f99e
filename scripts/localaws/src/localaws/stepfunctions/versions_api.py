"""Step Functions' API: versions and aliases of state machines."""

from __future__ import annotations

from moto.core.responses import ActionResult, EmptyResult

from localaws.stepfunctions.base_api import BaseApi
from localaws.stepfunctions.engine import moment
from localaws.stepfunctions.errors import InvalidArn, MissingParameter, ValidationFailed
from localaws.stepfunctions.versions import Alias, is_qualified, routing, unqualified


class VersionsApi(BaseApi):
    """The operations on versions and aliases."""

    def publish_state_machine_version(self) -> ActionResult:
        """PublishStateMachineVersion."""
        machine = self.machines.find(self.params["stateMachineArn"])
        version = self.machines.versions.publish(
            machine, self.params.get("description"), self.params.get("revisionId"), self.clock.now()
        )
        return ActionResult({"stateMachineVersionArn": version.arn, "creationDate": moment(version.created)})

    def list_state_machine_versions(self) -> ActionResult:
        """ListStateMachineVersions: the newest first."""
        machine = self.machines.find(self.params["stateMachineArn"])
        listed = [
            {"stateMachineVersionArn": version.arn, "creationDate": moment(version.created)}
            for version in self.machines.versions.versions_of(machine.arn)
        ]
        return self._page("stateMachineVersions", listed)

    def delete_state_machine_version(self) -> ActionResult:
        """DeleteStateMachineVersion."""
        self.machines.versions.delete_version(_qualified(self.params["stateMachineVersionArn"]))
        return EmptyResult()

    def create_state_machine_alias(self) -> ActionResult:
        """CreateStateMachineAlias."""
        routes = routing(self.params["routingConfiguration"])
        description = self.params.get("description") or ""
        alias = self.machines.versions.create_alias(self.params["name"], description, routes, self.clock.now())
        return ActionResult({"stateMachineAliasArn": alias.arn, "creationDate": moment(alias.created)})

    def update_state_machine_alias(self) -> ActionResult:
        """UpdateStateMachineAlias."""
        description, given = self.params.get("description"), self.params.get("routingConfiguration")
        if description is None and given is None:
            raise MissingParameter("Either the description or the routing configuration must be specified")
        arn = _qualified(self.params["stateMachineAliasArn"])
        routes = None if given is None else routing(given)
        alias = self.machines.versions.update_alias(arn, description, routes, self.clock.now())
        return ActionResult({"updateDate": moment(alias.updated)})

    def describe_state_machine_alias(self) -> ActionResult:
        """DescribeStateMachineAlias."""
        return ActionResult(_described(self.machines.versions.alias(_qualified(self.params["stateMachineAliasArn"]))))

    def list_state_machine_aliases(self) -> ActionResult:
        """ListStateMachineAliases: of a state machine, or those that route to a version."""
        arn = self.params["stateMachineArn"]
        self.machines.find(unqualified(arn))
        listed = [
            {"stateMachineAliasArn": alias.arn, "creationDate": moment(alias.created)}
            for alias in self.machines.versions.aliases_of(arn)
        ]
        return self._page("stateMachineAliases", listed)

    def delete_state_machine_alias(self) -> ActionResult:
        """DeleteStateMachineAlias."""
        self.machines.versions.delete_alias(_qualified(self.params["stateMachineAliasArn"]))
        return EmptyResult()

    def _check_publication(self) -> None:
        if self.params.get("versionDescription") and not self.params.get("publish"):
            raise ValidationFailed("Version description can only be set when publish is true")

    def _published(self, arn: str) -> dict[str, str]:
        """The version that creating or updating a state machine publishes, if the request says so."""
        if not self.params.get("publish"):
            return {}
        description, machine = self.params.get("versionDescription"), self.machines.find(arn)
        version = self.machines.versions.publish(machine, description, None, self.clock.now())
        return {"stateMachineVersionArn": version.arn}


def _qualified(arn: str) -> str:
    if ":stateMachine:" not in arn or not is_qualified(arn):
        raise InvalidArn(f"Invalid Arn: '{arn}'")
    return arn


def _described(alias: Alias) -> dict[str, object]:
    return {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "description": alias.description,
        "routingConfiguration": [
            {"stateMachineVersionArn": version, "weight": weight} for version, weight in alias.routes.items()
        ],
        "creationDate": moment(alias.created),
        "updateDate": moment(alias.updated),
    }
