"""The sections of a template, and what its policies keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

STACK = """
Description: every section
Metadata: {Purpose: tests}
Resources:
  Queue: {Type: AWS::SQS::Queue, Metadata: {Kept: true}}
"""


@pytest.mark.proves("Description", "Metadata", "resource Metadata")
def test_descriptions_and_metadata_of_a_template_are_kept(
    cloud: Any, deploy: Callable[[str, str], dict[str, str]]
) -> None:
    deploy("sections", STACK)
    client = cloud.client("cloudformation")
    assert client.describe_stacks(StackName="sections")["Stacks"][0]["Description"] == "every section"
    body = client.get_template(StackName="sections")["TemplateBody"]
    text = body if isinstance(body, str) else json.dumps(body)
    assert "Purpose" in text and "Kept" in text


@pytest.mark.proves("resource UpdateReplacePolicy")
def test_a_replaced_resource_is_retained_by_its_policy(cloud: Any) -> None:
    client, sqs = cloud.client("cloudformation"), cloud.client("sqs")

    def body(suffix: str) -> str:
        def queue(name: str, **keys: str) -> dict[str, Any]:
            return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{name}-{suffix}"}, **keys}

        return json.dumps({"Resources": {"Kept": queue("kept", UpdateReplacePolicy="Retain"), "Gone": queue("gone")}})

    client.create_stack(StackName="replaces", TemplateBody=body("one"))
    client.update_stack(StackName="replaces", TemplateBody=body("two"))
    names = {url.rsplit("/", 1)[1] for url in sqs.list_queues()["QueueUrls"]}
    assert {"kept-one", "kept-two", "gone-two"} <= names
    assert "gone-one" not in names
    client.delete_stack(StackName="replaces")
