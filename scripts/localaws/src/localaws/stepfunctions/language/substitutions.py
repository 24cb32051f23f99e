"""Fills the placeholders `${name}` of a definition in a template, as CloudFormation does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

PLACEHOLDER = re.compile(r"\$\{([\w-]+)\}")


def substituted(text: str, values: Mapping[str, Any]) -> str:
    """The JSON text of a definition with its placeholders filled; names without a value stay."""

    def fill(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        value = values[found[1]]
        return json.dumps(value if isinstance(value, str) else json.dumps(value), ensure_ascii=False)[1:-1]

    return PLACEHOLDER.sub(fill, text)
