"""AppSpec files: the function that's deployed, its versions, and the hooks.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from localaws.codedeploy.errors import InvalidRevision

BEFORE, ALLOW, AFTER = "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"
_HOOKS = (BEFORE, AFTER)
_TYPE = "AWS::Lambda::Function"
_PROPERTIES = ("Name", "Alias", "CurrentVersion", "TargetVersion")


@dataclass(frozen=True)
class AppSpec:
    """The alias of a function is moved from one version to another; `hooks` are functions, by lifecycle event."""

    function: str
    alias: str
    current: str
    target: str
    hooks: Mapping[str, str] = field(default_factory=dict)

    @property
    def reversed(self) -> AppSpec:
        """The way back, without hooks."""
        return AppSpec(self.function, self.alias, self.target, self.current)

    @property
    def text(self) -> str:
        """The AppSpec file, as JSON."""
        properties = dict(zip(_PROPERTIES, (self.function, self.alias, self.current, self.target), strict=True))
        resource = {self.function: {"Type": _TYPE, "Properties": properties}}
        return json.dumps({"version": 0.0, "Resources": [resource], "Hooks": [{k: v} for k, v in self.hooks.items()]})


def read_appspec(text: str) -> AppSpec:
    """An AppSpec file of a Lambda deployment, in YAML or JSON; raises InvalidRevision."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidRevision(f"The AppSpec file can't be parsed: {error}") from None
    if not isinstance(content, dict):
        raise InvalidRevision("The AppSpec file must be an object with version, Resources and Hooks.")
    sections = {str(name).lower(): value for name, value in content.items()}
    if unknown := sorted(sections.keys() - {"version", "resources", "hooks"}):
        raise InvalidRevision(f"The AppSpec file has unknown sections: {', '.join(unknown)}.")
    if str(sections.get("version")) not in ("0.0", "0"):
        raise InvalidRevision("The version of the AppSpec file must be 0.0.")
    function = _function(sections.get("resources"))
    name, alias, current, target = (str(function[name]) for name in _PROPERTIES)
    return AppSpec(name, alias, current, target, _hooks(sections.get("hooks")))


def _function(resources: Any) -> Mapping[str, Any]:
    if not isinstance(resources, list) or len(resources) != 1 or not isinstance(resources[0], dict):
        raise InvalidRevision("The AppSpec file must have exactly one resource.")
    (resource,) = resources[0].values()
    kind = resource.get("Type") if isinstance(resource, dict) else None
    if kind != _TYPE:
        raise InvalidRevision(f"Local AWS deploys resources of the type {_TYPE}, not {kind}.")
    properties: Mapping[str, Any] = resource.get("Properties") or {}
    missing = [name for name in _PROPERTIES if not properties.get(name)]
    if missing:
        raise InvalidRevision(f"The AppSpec file lacks {', '.join(missing)} of the function.")
    return properties


def _hooks(given: Any) -> dict[str, str]:
    hooks: dict[str, str] = {}
    for item in given or []:
        if not isinstance(item, dict):
            raise InvalidRevision("The hooks of the AppSpec file must be a list of objects.")
        hooks |= {str(event): str(function) for event, function in item.items()}
    if unknown := sorted(hooks.keys() - set(_HOOKS)):
        raise InvalidRevision(f"A Lambda deployment has no hook {', '.join(unknown)}, only {' and '.join(_HOOKS)}.")
    return hooks
