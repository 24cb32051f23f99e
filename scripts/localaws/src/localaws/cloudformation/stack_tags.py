"""The tags of a stack, which its resources get too.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.resource_types.base import Declared, tag_list, tag_map
from localaws.resource_types.support import DONE

# IAM, Firehose and moto's S3 take no tags that begin with aws: from a client, and a nested stack would hand them on.
_WITHOUT_SYSTEM_TAGS = ("AWS::IAM::", "AWS::KinesisFirehose::", "AWS::S3::", "AWS::CloudFormation::Stack")


def with_stack_tags(
    kind: Declared, properties: Mapping[str, Any], tags: Mapping[str, str], system: Mapping[str, str]
) -> dict[str, Any]:
    """The properties of a resource with the tags of its stack, if its type has tags; its own take precedence.

    `system` are CloudFormation's tags of the resource, which aren't anyone's to change.
    """
    if kind.properties.get("Tags") is not DONE:
        return dict(properties)
    given = properties.get("Tags")
    added = {} if kind.name.startswith(_WITHOUT_SYSTEM_TAGS) else system
    merged = {**tags, **tag_map(given), **added}
    if not merged:
        return dict(properties)
    return {**properties, "Tags": merged if isinstance(given, Mapping) else tag_list(merged)}


def system_tags(stack_name: str, stack_id: str, logical_id: str) -> dict[str, str]:
    """The tags that CloudFormation itself gives a resource."""
    prefix = "aws:cloudformation"
    return {
        f"{prefix}:stack-name": stack_name,
        f"{prefix}:logical-id": logical_id,
        f"{prefix}:stack-id": stack_id,
    }
