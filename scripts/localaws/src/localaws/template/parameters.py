"""A template's parameters: defaults, types and constraints."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from localaws.errors import TemplateError
from localaws.template.values import as_text

_PLAIN = frozenset({"String", "Number", "CommaDelimitedList", "List<Number>"})
_SSM = re.compile(r"AWS::SSM::Parameter::Value<(String|CommaDelimitedList|List<String>)>")
SSM_NAME = "AWS::SSM::Parameter::Name"
# Types whose values AWS looks up in the account.
_LOOKED_UP = re.compile(r"(List<)?AWS::(EC2::(SecurityGroup|Subnet|VPC)::Id|EC2::SecurityGroup::GroupName)(?(1)>)")
_LISTS = ("CommaDelimitedList", "List<")


def is_supported(kind: str) -> bool:
    """Whether a parameter may have this type."""
    return kind in _PLAIN or kind == SSM_NAME or _SSM.fullmatch(kind) is not None or is_looked_up_by_aws(kind)


def is_looked_up_by_aws(kind: str) -> bool:
    """Whether AWS looks up the value of such a parameter in a VPC, which local AWS doesn't have."""
    return _LOOKED_UP.fullmatch(kind) is not None


def resolve(template: Mapping[str, Any], given: Mapping[str, str], look_up: Callable[[str], str]) -> dict[str, Any]:
    """Each parameter's value, given or default; raises TemplateError naming a missing, unknown or bad one.

    `look_up` returns the value of an SSM parameter: the value of a parameter of an SSM type is the name of one.
    """
    declared: dict[str, dict[str, Any]] = template.get("Parameters", {}) or {}
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise TemplateError(f"Parameters: [{', '.join(unknown)}] do not exist in the template.")
    missing = sorted(name for name, spec in declared.items() if name not in given and "Default" not in spec)
    if missing:
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values.")
    values = {name: _value(name, spec, given.get(name, spec.get("Default"))) for name, spec in declared.items()}
    return {name: _looked_up(declared[name].get("Type", "String"), value, look_up) for name, value in values.items()}


def _looked_up(kind: str, value: Any, look_up: Callable[[str], str]) -> Any:
    found = _SSM.fullmatch(kind)
    if not found:
        return value
    text = look_up(value)
    return text if found[1] == "String" else [item.strip() for item in text.split(",")]


def _value(name: str, spec: Mapping[str, Any], value: Any) -> Any:
    kind = spec.get("Type", "String")
    if kind.startswith(_LISTS):
        items = value if isinstance(value, list) else [item.strip() for item in str(value).split(",")]
        for item in items:
            _check(name, spec, item, kind == "List<Number>")
        return items
    _check(name, spec, value, kind == "Number")
    return value if isinstance(value, str) else as_text(value)


def _check(name: str, spec: Mapping[str, Any], value: Any, numeric: bool) -> None:
    text = as_text(value)
    allowed = spec.get("AllowedValues")
    if allowed is not None and text not in map(as_text, allowed):
        raise TemplateError(f"Parameter {name} must be one of {', '.join(map(as_text, allowed))}, not {text!r}.")
    pattern = spec.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, text):
        raise TemplateError(f"Parameter {name} must match pattern {pattern}, not {text!r}.")
    for key, size in (("MinLength", len(text)), ("MaxLength", len(text))):
        limit = spec.get(key)
        if limit is not None and (
            (key == "MinLength" and size < int(limit)) or (key == "MaxLength" and size > int(limit))
        ):
            raise TemplateError(f"Parameter {name} breaks {key} {limit}: {text!r}.")
    if not numeric:
        return
    try:
        number = float(text)
    except ValueError:
        raise TemplateError(f"Parameter {name} must be a number, not {text!r}.") from None
    if "MinValue" in spec and number < float(spec["MinValue"]):
        raise TemplateError(f"Parameter {name} must be at least {spec['MinValue']}, not {text}.")
    if "MaxValue" in spec and number > float(spec["MaxValue"]):
        raise TemplateError(f"Parameter {name} must be at most {spec['MaxValue']}, not {text}.")
