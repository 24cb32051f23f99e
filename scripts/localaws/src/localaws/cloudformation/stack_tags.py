"""The tags of a stack, which its resources get too.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.resource_types.base import Declared, tag_list, tag_map
from localaws.resource_types.support import DONE


def with_stack_tags(kind: Declared, properties: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """The properties of a resource with the tags of its stack, if its type has tags; its own take precedence."""
    if not tags or kind.properties.get("Tags") is not DONE:
        return dict(properties)
    given = properties.get("Tags")
    merged = {**tags, **tag_map(given)}
    return {**properties, "Tags": merged if isinstance(given, Mapping) else tag_list(merged)}
