"""Resolves parameters, conditions and intrinsic functions as CloudFormation does."""

from __future__ import annotations

import base64
import ipaddress
import itertools
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

from localaws.errors import TemplateError
from localaws.template.values import as_text

NO_VALUE = object()
# The services of dynamic references, `{{resolve:service:…}}`.
DYNAMIC_SERVICES = ("ssm", "ssm-secure", "secretsmanager")
_DYNAMIC = re.compile(r"\{\{resolve:([^}]+)\}\}")
# The availability zones of a region, and the most blocks of Fn::Cidr.
_ZONES = "abc"
_MOST_BLOCKS = 256
PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


class Values(Protocol):
    """The values of a template's references while a stack is deployed."""

    def ref(self, name: str) -> Any:
        """The parameter's value or the resource's physical id; raises KeyError."""

    def attribute(self, logical_id: str, name: str) -> Any:
        """The attribute of a resource; raises KeyError."""

    def imported(self, export: str) -> str:
        """The value that another stack exports; raises KeyError."""

    def dynamic(self, reference: str) -> str:
        """The value of {{resolve:…}}; raises TemplateError."""


class Resolver:
    """Resolves the values and conditions of one template."""

    def __init__(self, template: Mapping[str, Any], values: Values) -> None:
        self._mappings = template.get("Mappings", {})
        self._conditions = template.get("Conditions", {})
        self._values = values
        self._known: dict[str, bool] = {}

    def condition(self, name: str) -> bool:
        """Whether the named condition holds; raises TemplateError for an unknown or circular one."""
        if name not in self._conditions:
            raise TemplateError(f"Unresolved condition {name} in the template.")
        if name not in self._known:
            self._known[name] = False
            self._known[name] = bool(self.resolve(self._conditions[name]))
        return self._known[name]

    def properties(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """The resource's properties, resolved, without those that are AWS::NoValue."""
        resolved = self.resolve(resource.get("Properties", {}))
        return (
            {key: _as_string_property(key, value) for key, value in resolved.items()}
            if isinstance(resolved, dict)
            else {}
        )

    def resolve(self, value: Any) -> Any:
        """`value` with all intrinsic functions replaced by their values."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if isinstance(value, str):
            return _DYNAMIC.sub(lambda match: self._values.dynamic(match[1]), value)
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            function = _FUNCTIONS.get(name)
            if function:
                return function(self, argument)
            if name == "Condition" and isinstance(argument, str):
                return self.condition(argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        try:
            return self._values.ref(name)
        except KeyError:
            raise TemplateError(f"Unresolved resource dependency [{name}] in the template.") from None

    def _get_att(self, argument: Any) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        logical_id, name = parts[0], ".".join(str(self.resolve(part)) for part in parts[1:])
        try:
            return self._values.attribute(logical_id, name)
        except KeyError:
            raise TemplateError(f"{logical_id} has no attribute {name}.") from None

    def _sub(self, argument: Any) -> str:
        text, names = argument if isinstance(argument, list) else (argument, {})

        def substitute(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in names:
                value = self.resolve(names[name])
            else:
                value = self._get_att(name) if "." in name else self._ref(name)
            if isinstance(value, list | dict) or value is NO_VALUE:
                raise TemplateError(
                    f"Template error: variable {name} in Fn::Sub expression does not resolve to a string"
                )
            return as_text(value)

        return str(self.resolve(PLACEHOLDER.sub(substitute, text)))

    def _join(self, argument: Any) -> str:
        delimiter, items = argument
        resolved = self.resolve(items)
        if not isinstance(resolved, list) or any(isinstance(item, list | dict) for item in resolved):
            raise TemplateError("Template error: every Fn::Join object requires a delimiter and a list of strings.")
        return str(self.resolve(str(delimiter).join(map(as_text, resolved))))

    def _if(self, argument: Any) -> Any:
        name, then, otherwise = argument
        return self.resolve(then if self.condition(name) else otherwise)

    def _equals(self, argument: Any) -> bool:
        left, right = (self.resolve(item) for item in argument)
        return as_text(left) == as_text(right)

    def _select(self, argument: Any) -> Any:
        index, items = int(self.resolve(argument[0])), self.resolve(argument[1])
        if not isinstance(items, list):
            raise TemplateError("Template error: Fn::Select requires a list as its second argument.")
        if not 0 <= index < len(items):
            raise TemplateError(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
        return items[index]

    def _split(self, argument: Any) -> list[str]:
        return str(self.resolve(argument[1])).split(argument[0])

    def _find_in_map(self, argument: Any) -> Any:
        name, first, second = (self.resolve(item) for item in argument[:3])
        try:
            return self._mappings[name][first][second]
        except KeyError:
            # A default is one of the language extensions.
            if len(argument) == 4:
                return self.resolve(argument[3]["DefaultValue"])
            raise TemplateError(f"Unable to get mapping for {name}::{first}::{second}.") from None

    def _import_value(self, argument: Any) -> str:
        name = self.resolve(argument)
        try:
            return self._values.imported(name)
        except KeyError:
            raise TemplateError(f"No export named {name} found.") from None

    def _get_azs(self, argument: Any) -> list[str]:
        region = self.resolve(argument) or self._values.ref("AWS::Region")
        return [f"{region}{zone}" for zone in _ZONES]

    def _cidr(self, argument: Any) -> list[str]:
        block, count, *bits = (self.resolve(item) for item in argument)
        try:
            network = ipaddress.ip_network(str(block))
            prefix = network.max_prefixlen - int(bits[0]) if bits else network.prefixlen + _bits(int(count))
            if not 1 <= int(count) <= _MOST_BLOCKS:
                raise ValueError(f"the count must be from 1 to {_MOST_BLOCKS}, not {count}")
            blocks = list(itertools.islice(network.subnets(new_prefix=prefix), int(count)))
        except ValueError as error:
            raise TemplateError(f"Template error: Fn::Cidr: {error}.") from None
        if len(blocks) < int(count):
            raise TemplateError(f"Template error: Fn::Cidr: {block} has only {len(blocks)} blocks of that size.")
        return [str(subnet) for subnet in blocks]

    def _contains(self, argument: Any) -> bool:
        items, wanted = (self.resolve(item) for item in argument)
        return as_text(wanted) in map(as_text, items)

    def _each_equals(self, argument: Any) -> bool:
        items, wanted = (self.resolve(item) for item in argument)
        return all(as_text(item) == as_text(wanted) for item in items)

    def _each_in(self, argument: Any) -> bool:
        items, allowed = (self.resolve(item) for item in argument)
        return {as_text(item) for item in items} <= {as_text(item) for item in allowed}

    def _length(self, argument: Any) -> int:
        return len(self.resolve(argument))

    def _to_json_string(self, argument: Any) -> str:
        return json.dumps(self.resolve(argument), separators=(",", ":"))

    def _base64(self, argument: Any) -> str:
        return base64.b64encode(as_text(self.resolve(argument)).encode()).decode()


def _bits(count: int) -> int:
    """The bits that tell `count` subnets apart."""
    return max(count - 1, 0).bit_length()


def _as_string_property(key: str, value: Any) -> Any:
    """Convert a number or a boolean to a string where CloudFormation expects one, as in `QueueName: 12`."""
    is_text = key.endswith("Name") or key in ("Description", "SecretString", "Value")
    return as_text(value) if is_text and isinstance(value, bool | int | float) else value


_FUNCTIONS = {
    "Ref": Resolver._ref,
    "Fn::GetAtt": Resolver._get_att,
    "Fn::Sub": Resolver._sub,
    "Fn::Join": Resolver._join,
    "Fn::If": Resolver._if,
    "Fn::Equals": Resolver._equals,
    "Fn::And": lambda self, argument: all(self.resolve(item) for item in argument),
    "Fn::Or": lambda self, argument: any(self.resolve(item) for item in argument),
    "Fn::Not": lambda self, argument: not self.resolve(argument[0]),
    "Fn::Select": Resolver._select,
    "Fn::Split": Resolver._split,
    "Fn::FindInMap": Resolver._find_in_map,
    "Fn::ImportValue": Resolver._import_value,
    "Fn::Base64": Resolver._base64,
    "Fn::Cidr": Resolver._cidr,
    "Fn::Contains": Resolver._contains,
    "Fn::EachMemberEquals": Resolver._each_equals,
    "Fn::EachMemberIn": Resolver._each_in,
    "Fn::GetAZs": Resolver._get_azs,
    "Fn::Length": Resolver._length,
    "Fn::ToJsonString": Resolver._to_json_string,
}
# These are allowed in Rules only.
RULE_FUNCTIONS = frozenset({"Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll"})
INTRINSICS = frozenset({*_FUNCTIONS, "Condition", *RULE_FUNCTIONS})
# These need the transform AWS::LanguageExtensions.
EXTENSIONS = frozenset({"Fn::Length", "Fn::ToJsonString"})


def references(value: Any) -> set[str]:
    """The names of parameters and resources that `value` refers to, by Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    if isinstance(value.get("Ref"), str) and len(value) == 1:
        return {value["Ref"]}
    if "Fn::GetAtt" in value and len(value) == 1:
        argument = value["Fn::GetAtt"]
        return {argument.split(".")[0] if isinstance(argument, str) else argument[0]}
    found: set[str] = set()
    if "Fn::Sub" in value and len(value) == 1:
        argument = value["Fn::Sub"]
        text, names = argument if isinstance(argument, list) else (argument, {})
        literal = {name.split(".")[0] for escaped, name in PLACEHOLDER.findall(text) if not escaped}
        return (literal - set(names)) | references(names)
    for item in value.values():
        found |= references(item)
    return found


def is_intrinsic(value: Any) -> bool:
    """Whether a value is an intrinsic function: {"Ref": …} or {"Fn::…": …}."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = str(next(iter(value)))
    return name == "Ref" or name.startswith("Fn::")
