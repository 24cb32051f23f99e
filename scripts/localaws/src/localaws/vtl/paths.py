"""JSONPath expressions, as `$input.path` and `$input.json` take them."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(
    r"""(?P<deep>\.\.)(?P<deep_name>[\w-]+|\*)
      | \.(?P<name>length\(\)|[\w@$-]+|\*)
      | \[(?P<index>-?\d+|\*)\]
      | \[(?P<from>-?\d+)?:(?P<to>-?\d+)?\]
      | \[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]""",
    re.VERBOSE,
)


class PathError(ValueError):
    """An expression that isn't supported."""


class JsonPath:
    """A compiled expression: `$.a.b[0]`, `$['a']`, `$.a[*].b`, `$.a[1:3]`, `$..b`; raises PathError for others."""

    def __init__(self, text: str) -> None:
        expression = text.strip()
        if not expression.startswith("$"):
            expression = f"$.{expression}" if expression and expression[0] not in ".[" else f"${expression}"
        self._steps: list[re.Match[str]] = []
        position = 1
        while position < len(expression):
            step = _STEP.match(expression, position)
            if step is None:
                raise PathError(f"the JSONPath {text} isn't supported")
            self._steps.append(step)
            position = step.end()
        self._definite = not any(
            step["deep"] or "*" in (step["name"], step["index"]) or step.group().count(":") for step in self._steps
        )

    def find(self, document: Any) -> Any:
        """The value in a document, or None; a list for an expression that may match several."""
        found = [document]
        for step in self._steps:
            found = [item for value in found for item in _stepped(value, step)]
        if self._definite:
            return found[0] if found else None
        return found


def _stepped(value: Any, step: re.Match[str]) -> list[Any]:
    if step["deep"]:
        return _deep(value, step["deep_name"])
    name = step["name"] if step["name"] is not None else step["key"]
    if "*" in (step["name"], step["index"]):
        return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []
    if name is not None:
        if isinstance(value, dict):
            return [value[name]] if name in value else []
        return [len(value)] if isinstance(value, list) and name == "length()" else []
    if not isinstance(value, list):
        return []
    if step["index"] is not None:
        index = int(step["index"])
        return [value[index]] if -len(value) <= index < len(value) else []
    first, last = (int(step[part]) if step[part] else None for part in ("from", "to"))
    return value[first:last]


def _deep(value: Any, name: str) -> list[Any]:
    found: list[Any] = []
    children = list(value.items()) if isinstance(value, dict) else []
    children = list(enumerate(value)) if isinstance(value, list) else children
    for key, child in children:
        if name in ("*", key):
            found.append(child)
        found += _deep(child, name)
    return found
