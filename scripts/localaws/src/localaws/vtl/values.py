"""The methods and the text of values, which are Java's in a template."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Method = Callable[..., Any]


class VtlObject:
    """An object that a template can use, such as `$input`: `methods` and `members` are what it can ask for."""

    methods: frozenset[str] = frozenset()

    def call(self, name: str, arguments: list[Any]) -> Any:
        """The result of a method; raises ValueError for arguments that it doesn't take."""
        raise NotImplementedError(name)

    def member(self, name: str) -> Any:
        """The value of a member, or None."""
        raise NotImplementedError(name)


def to_text(value: Any) -> str:
    """A value as Java prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={to_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(to_text, value)) + "]"
    return str(value)


def _replace_all(text: str, pattern: str, replacement: str) -> str:
    # Java writes groups as $1.
    return re.sub(pattern, re.sub(r"\$(\d)", r"\\g<\1>", replacement), text)


def _split(text: str, pattern: str) -> list[str]:
    parts = re.split(pattern, text)
    while len(parts) > 1 and parts[-1] == "":
        parts.pop()
    return parts


def _set_at(items: list[Any], index: int, value: Any) -> Any:
    previous, items[index] = items[index], value
    return previous


def _append(items: list[Any], value: Any) -> bool:
    items.append(value)
    return True


def _extend(items: list[Any], more: list[Any]) -> bool:
    items.extend(more)
    return bool(more)


def _put(mapping: dict[str, Any], key: str, value: Any) -> Any:
    previous = mapping.get(key)
    mapping[key] = value
    return previous


STRING: Mapping[str, Method] = {
    "charAt": lambda text, index: text[index],
    "concat": lambda text, more: text + more,
    "contains": lambda text, part: part in text,
    "endsWith": lambda text, end: text.endswith(end),
    "equals": lambda text, other: text == other,
    "equalsIgnoreCase": lambda text, other: text.lower() == to_text(other).lower(),
    "indexOf": lambda text, part, *start: text.find(part, *start),
    "isEmpty": lambda text: not text,
    "lastIndexOf": lambda text, part: text.rfind(part),
    "length": len,
    "matches": lambda text, pattern: re.fullmatch(pattern, text) is not None,
    "replace": lambda text, old, new: text.replace(old, new),
    "replaceAll": _replace_all,
    "replaceFirst": lambda text, pattern, new: re.sub(pattern, re.sub(r"\$(\d)", r"\\g<\1>", new), text, count=1),
    "split": _split,
    "startsWith": lambda text, start: text.startswith(start),
    "substring": lambda text, start, *end: text[start : end[0] if end else None],
    "toLowerCase": str.lower,
    "toString": str,
    "toUpperCase": str.upper,
    "trim": str.strip,
}
LIST: Mapping[str, Method] = {
    "add": _append,
    "addAll": _extend,
    "contains": lambda items, item: item in items,
    "get": lambda items, index: items[index],
    "isEmpty": lambda items: not items,
    "remove": lambda items, index: items.pop(index),
    "set": _set_at,
    "size": len,
    "toString": to_text,
}
MAP: Mapping[str, Method] = {
    "containsKey": lambda mapping, key: key in mapping,
    "entrySet": lambda mapping: [{"key": key, "value": value} for key, value in mapping.items()],
    "get": lambda mapping, key: mapping.get(key),
    "isEmpty": lambda mapping: not mapping,
    "keySet": list,
    "put": _put,
    "putAll": lambda mapping, more: mapping.update(more),
    "remove": lambda mapping, key: mapping.pop(key, None),
    "size": len,
    "toString": to_text,
    "values": lambda mapping: list(mapping.values()),
}
SCALAR: Mapping[str, Method] = {
    "equals": lambda value, other: value == other,
    "intValue": int,
    "toString": to_text,
}
# `$entry.getKey()` and the like.
_GETTERS = {"getKey": "key", "getValue": "value"}
METHODS = frozenset({*STRING, *LIST, *MAP, *SCALAR, *_GETTERS})


def call(value: Any, name: str, arguments: list[Any]) -> Any:
    """The result of a method of a value; raises ValueError if the value has none of that name, or for its arguments."""
    if isinstance(value, VtlObject):
        return value.call(name, arguments)
    if isinstance(value, Mapping) and name in _GETTERS:
        return value.get(_GETTERS[name])
    methods = (
        STRING
        if isinstance(value, str)
        else LIST
        if isinstance(value, list)
        else MAP
        if isinstance(value, Mapping)
        else SCALAR
    )
    if name not in methods:
        raise ValueError(f"{type(value).__name__} has no method {name}")
    try:
        return methods[name](value, *arguments)
    except (IndexError, KeyError, TypeError, re.error) as error:
        raise ValueError(f"{name}: {error}") from None


def member(value: Any, name: str) -> Any:
    """`value.name`: a key of a map, or the result of a method such as `size`; None without either."""
    if isinstance(value, VtlObject):
        return value.member(name)
    if isinstance(value, Mapping):
        if name in value:
            return value[name]
        return call(value, name, []) if name in ("size", "values", "keySet", "entrySet") else None
    return len(value) if isinstance(value, list) and name == "size" else None
