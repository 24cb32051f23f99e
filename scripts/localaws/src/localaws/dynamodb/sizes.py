"""The limit of 400 KB for items that updates make: moto's is lower."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge

from localaws.dynamodb.values import MAX_ITEM_SIZE


def set_within_limit(attributes: dict[str, Any], name: str, value: Any) -> None:
    """Replaces LimitedSizeDict.__setitem__, which sets an attribute of an item; raises ItemSizeTooLarge."""
    others = (len(other.encode()) + content.size() for other, content in attributes.items() if other != name)
    if sum(others) + len(name.encode()) + value.size() > MAX_ITEM_SIZE:
        raise ItemSizeTooLarge
    dict.__setitem__(attributes, name, value)
