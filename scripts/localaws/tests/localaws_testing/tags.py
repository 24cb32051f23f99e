"""The tags of resources that a template or its stack gives, without those that CloudFormation adds."""

from __future__ import annotations

from typing import Any

_SYSTEM = "aws:cloudformation:"
_KEYS = ("Key", "key", "TagKey")


def own_tags(tags: Any) -> Any:
    """A mapping or a list of tags, as a service lists them, without those of CloudFormation."""
    if isinstance(tags, dict):
        return {name: value for name, value in tags.items() if not name.startswith(_SYSTEM)}
    return [tag for tag in tags if not next(tag[key] for key in _KEYS if key in tag).startswith(_SYSTEM)]
