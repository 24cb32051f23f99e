"""Step Functions: state machines and activities."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import yaml

from localaws.errors import TemplateError
from localaws.resource_types.base import Deployed, Properties, Scope, tag_map, truth
from localaws.resource_types.support import DONE, NO_TRACES, Rules, done
from localaws.stepfunctions.language.substitutions import substituted

_DEFINITIONS = ("Definition", "DefinitionString", "DefinitionS3Location")


class StateMachine:
    """AWS::StepFunctions::StateMachine."""

    name = "AWS::StepFunctions::StateMachine"
    replaced_by = frozenset({"StateMachineName", "StateMachineType"})
    attributes = ("Arn", "Name", "StateMachineRevisionId")
    properties: ClassVar[Rules] = {
        **done("Definition", "DefinitionString", "DefinitionSubstitutions", "RoleArn", "StateMachineName", "Tags"),
        "DefinitionS3Location": done("Bucket", "Key", "Version"),
        "LoggingConfiguration": {
            "Destinations": {"CloudWatchLogsLogGroup": done("LogGroupArn")},
            "IncludeExecutionData": DONE,
            "Level": ["ALL", "ERROR", "FATAL", "OFF"],
        },
        "StateMachineType": ["STANDARD", "EXPRESS"],
        "TracingConfiguration": NO_TRACES,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the state machine; its ARN is the value of Ref."""
        name = properties.get("StateMachineName") or scope.generated_name(80)
        arn = scope.clients("stepfunctions").create_state_machine(
            name=name,
            type=properties.get("StateMachineType", "STANDARD"),
            tags=_tags(properties),
            **_settings(properties, scope),
        )["stateMachineArn"]
        return _deployed(arn, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update definition, role, logging and tags; running executions keep what they run."""
        client = scope.clients("stepfunctions")
        client.update_state_machine(stateMachineArn=physical_id, **_settings(new, scope))
        _retag(physical_id, old, new, scope)
        return _deployed(physical_id, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the state machine and stop its executions."""
        scope.clients("stepfunctions").delete_state_machine(stateMachineArn=physical_id)


def _deployed(arn: str, scope: Scope) -> Deployed:
    described = scope.clients("stepfunctions").describe_state_machine(stateMachineArn=arn)
    attributes = {"Arn": arn, "Name": described["name"], "StateMachineRevisionId": described["revisionId"]}
    return Deployed(arn, attributes)


def _settings(properties: Properties, scope: Scope) -> dict[str, Any]:
    return {
        "definition": _definition(properties, scope),
        "roleArn": properties["RoleArn"],
        "loggingConfiguration": _logging(properties.get("LoggingConfiguration") or {}),
    }


def _definition(properties: Properties, scope: Scope) -> str:
    """The definition as JSON text, with its substitutions."""
    given = [name for name in _DEFINITIONS if name in properties]
    if len(given) != 1:
        raise TemplateError(f"A state machine needs exactly one of {', '.join(_DEFINITIONS)}.")
    if given == ["Definition"]:
        text = json.dumps(properties["Definition"])
    elif given == ["DefinitionString"]:
        text = str(properties["DefinitionString"])
    else:
        text = _from_object(properties["DefinitionS3Location"], scope)
    return substituted(text, properties.get("DefinitionSubstitutions") or {})


def _from_object(location: Mapping[str, Any], scope: Scope) -> str:
    """The definition in an object, which is JSON or YAML."""
    version = {"VersionId": location["Version"]} if location.get("Version") else {}
    s3 = scope.clients("s3")
    try:
        found = s3.get_object(Bucket=location["Bucket"], Key=location["Key"], **version)
    except s3.exceptions.ClientError as error:
        raise TemplateError(f"The definition can't be read from S3: {error}") from None
    text: str = found["Body"].read().decode()
    try:
        return json.dumps(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise TemplateError(f"The definition {location['Key']} is neither JSON nor YAML: {error}") from None


def _logging(given: Mapping[str, Any]) -> dict[str, Any]:
    destinations = [
        {"cloudWatchLogsLogGroup": {"logGroupArn": each["CloudWatchLogsLogGroup"]["LogGroupArn"]}}
        for each in given.get("Destinations") or []
    ]
    return {
        "level": given.get("Level", "OFF"),
        "includeExecutionData": truth(given.get("IncludeExecutionData", False)),
        **({"destinations": destinations} if destinations else {}),
    }


class Activity:
    """AWS::StepFunctions::Activity."""

    name = "AWS::StepFunctions::Activity"
    replaced_by = frozenset({"Name"})
    attributes = ("Arn", "Name")
    properties: ClassVar[Rules] = done("Name", "Tags")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the activity; its ARN is the value of Ref."""
        arn = scope.clients("stepfunctions").create_activity(name=properties["Name"], tags=_tags(properties))[
            "activityArn"
        ]
        return Deployed(arn, {"Arn": arn, "Name": properties["Name"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the tags."""
        _retag(physical_id, old, new, scope)
        return Deployed(physical_id, {"Arn": physical_id, "Name": new["Name"]})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the activity."""
        scope.clients("stepfunctions").delete_activity(activityArn=physical_id)


def _tags(properties: Properties) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tag_map(properties.get("Tags")).items()]


def _retag(arn: str, old: Properties, new: Properties, scope: Scope) -> None:
    client = scope.clients("stepfunctions")
    before, after = tag_map(old.get("Tags")), tag_map(new.get("Tags"))
    removed = sorted(before.keys() - after.keys())
    if removed:
        client.untag_resource(resourceArn=arn, tagKeys=removed)
    if after:
        client.tag_resource(resourceArn=arn, tags=_tags(new))
