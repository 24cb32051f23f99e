"""The statements of template.yaml's policies, as they are when each resource is named by its logical id."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.iam.policy import Kind
from localaws.settings import ACCOUNT
from localaws.template.intrinsics import PLACEHOLDER
from localaws.template.load import load

REGION = "us-east-1"
_ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    "AWS::ECS::Cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{{}}",
    "AWS::ECS::TaskDefinition": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{{}}:1",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    "AWS::Serverless::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{}}",
    "AWS::Events::Rule": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    "AWS::KinesisFirehose::DeliveryStream": f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/{{}}",
    "AWS::Serverless::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{{}}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}",
}
_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::Region": REGION}
# The name of a function or state machine, in its ARN or an execution's. The policy of its own role can't refer to it.
_NAME_IN_ARN = re.compile(r"(?P<kind>function|stateMachine|execution|mapRun):(?P<name>AWS::StackName-[\w-]+)")
_NAMED = {
    "function": ("AWS::Serverless::Function", "FunctionName"),
    "stateMachine": ("AWS::Serverless::StateMachine", "Name"),
    "execution": ("AWS::Serverless::StateMachine", "Name"),
    "mapRun": ("AWS::Serverless::StateMachine", "Name"),
}
_ARN_IS_REF = (
    "AWS::ECS::TaskDefinition",
    "AWS::Serverless::StateMachine",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Topic",
)
# The property with a policy of a resource's, and the one that names the resources.
_POLICIES = {
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
}


@dataclass(frozen=True)
class Place:
    """A statement of the template: the resource in which it stands, by logical id, its Sid, and what it's a policy of.

    `of` is the ARN of the role whose calls it's about, or of the resource. `kind` says which of both, or that it says
    who may assume a role.
    """

    holder: str
    sid: str
    of: str
    kind: Kind
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.holder}/{self.sid}"


class Template:
    """Reads the policies of a template."""

    def __init__(self, path: Path) -> None:
        self.resources: dict[str, dict[str, Any]] = load(path).body["Resources"]

    def places(self) -> Iterator[Place]:
        """Every statement of every policy. Each must have a Sid."""
        for holder, resource in self.resources.items():
            for of, kind, policy in self._policies(holder, resource):
                for statement in map(self._resolved, policy["Statement"]):
                    yield Place(holder, statement["Sid"], of, kind, statement)

    def arn(self, name: str) -> str:
        """The ARN of a resource, or of the role that SAM makes for a function."""
        if name not in self.resources and name.endswith("Role"):
            return _ARNS["AWS::IAM::Role"].format(name)
        return _ARNS[self.resources[name]["Type"]].format(name)

    def _policies(self, holder: str, resource: Mapping[str, Any]) -> Iterator[tuple[str, Kind, Mapping[str, Any]]]:
        given = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::Serverless::Function" | "AWS::Serverless::StateMachine":
                # SAM makes the role, and adds what its events and logs need: that isn't the template's.
                for policy in given.get("Policies", []):
                    yield _ARNS["AWS::IAM::Role"].format(f"{holder}Role"), "identity", policy
            case "AWS::IAM::Role":
                yield self.arn(holder), "trust", given["AssumeRolePolicyDocument"]
                for policy in given.get("Policies", []):
                    yield self.arn(holder), "identity", policy["PolicyDocument"]
            case "AWS::IAM::Policy":
                for role in given["Roles"]:
                    yield self.arn(role["Ref"]), "identity", given["PolicyDocument"]
            case name if name in _POLICIES:
                named = given[_POLICIES[name]]
                for each in named if isinstance(named, list) else [named]:
                    yield self.arn(each["Ref"]), "resource", given["PolicyDocument"]

    def _resolved(self, value: Any) -> Any:
        match value:
            case {"Ref": name}:
                return self._ref(name)
            case {"Fn::GetAtt": [name, "Arn"]}:
                return self.arn(name)
            case {"Fn::If": [_, then, _]}:
                return self._resolved(then)  # all that a template may have
            case {"Fn::Sub": str(text)}:
                return _NAME_IN_ARN.sub(self._with_logical_id, self._text({"Fn::Sub": text}))
            case dict():
                return {key: self._resolved(each) for key, each in value.items()}
            case list():
                return [self._resolved(each) for each in value]
        return value

    def _named(self, text: str) -> str:
        name, _, attribute = text.partition(".")
        return self.arn(name) if attribute == "Arn" else self._ref(text)

    def _with_logical_id(self, found: re.Match[str]) -> str:
        """The kind and the logical id of what an ARN names by its name; the ARN's text where the template has none."""
        kind, property_ = _NAMED[found["kind"]]
        for name, resource in self.resources.items():
            if resource["Type"] == kind and self._text(resource["Properties"][property_]) == found["name"]:
                return f"{found['kind']}:{name}"
        return found[0]

    def _text(self, value: Mapping[str, str]) -> str:
        """What Fn::Sub makes of a text."""
        return PLACEHOLDER.sub(lambda found: self._named(found[2]), value["Fn::Sub"])

    def _ref(self, name: str) -> str:
        if name in _PSEUDO:
            return _PSEUDO[name]
        # What SAM makes isn't among the resources: its name stands for it.
        kind = self.resources[name]["Type"] if name in self.resources else ""
        return self.arn(name) if kind in _ARN_IS_REF else name
