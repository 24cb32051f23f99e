"""The tags of a stack become those of its resources."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.cloudformation.stack_tags import system_tags, with_stack_tags
from localaws.resource_types import registry

TAGS = {"team": "ml", "stage": "dev"}


def tags(kind: str, properties: dict[str, Any]) -> Any:
    return with_stack_tags(registry.find(kind), properties, TAGS, {}).get("Tags")


def test_a_resource_without_tags_gets_those_of_its_stack() -> None:
    assert tags("AWS::SQS::Queue", {}) == [{"Key": "team", "Value": "ml"}, {"Key": "stage", "Value": "dev"}]


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ([{"Key": "team", "Value": "own"}], [{"Key": "team", "Value": "own"}, {"Key": "stage", "Value": "dev"}]),
        ({"team": "own"}, {"team": "own", "stage": "dev"}),
    ],
    ids=["list", "mapping"],
)
def test_a_resource_s_own_tags_take_precedence_and_keep_their_form(given: Any, merged: Any) -> None:
    assert tags("AWS::SQS::Queue", {"Tags": given}) == merged


def test_a_type_without_tags_gets_none() -> None:
    assert tags("AWS::SQS::QueuePolicy", {}) is None


def test_a_stack_without_tags_changes_nothing() -> None:
    assert with_stack_tags(registry.find("AWS::SQS::Queue"), {"QueueName": "q"}, {}, {}) == {"QueueName": "q"}


def test_cloudformations_own_tags_take_precedence_over_all() -> None:
    system = system_tags("stack", "arn:stack", "Queue")
    given = {"Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "parent"}]}

    found = with_stack_tags(registry.find("AWS::SQS::Queue"), given, {}, system)["Tags"]

    assert {tag["Key"]: tag["Value"] for tag in found} == {
        "aws:cloudformation:stack-name": "stack",
        "aws:cloudformation:logical-id": "Queue",
        "aws:cloudformation:stack-id": "arn:stack",
    }


@pytest.mark.parametrize("kind", ["AWS::IAM::Role", "AWS::KinesisFirehose::DeliveryStream", "AWS::S3::Bucket"])
def test_some_types_have_no_tags_of_cloudformation(kind: str) -> None:
    system = system_tags("stack", "arn:stack", "It")
    assert "Tags" not in with_stack_tags(registry.find(kind), {}, {}, system)
