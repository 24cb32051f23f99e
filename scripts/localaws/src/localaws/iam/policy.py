"""Policy documents, parsed and checked.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from localaws.iam.conditions import Condition, InvalidCondition, read_conditions
from localaws.iam.patterns import Context, any_match, arn_glob, glob

type Kind = Literal["identity", "resource", "trust"]
_VERSIONS = ("2012-10-17", "2008-10-17")
_ACTION = re.compile(r"\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+")
_ELEMENTS = {
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
}


class MalformedPolicy(ValueError):
    """A policy document that AWS refuses, with the reason."""


@dataclass(frozen=True)
class Statement:
    """A statement of `policy`, in which it's named `sid`, or by its place if it has no Sid.

    `actions`, `resources` and `principals` are patterns; each may be negated. `principals` is None in a policy of an
    identity; its keys are AWS, Service and so on.
    """

    policy: str
    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    principals: Mapping[str, tuple[str, ...]] | None
    not_principals: bool
    conditions: tuple[Condition, ...]
    variables: bool

    def covers(self, action: str, resource: str, context: Context) -> bool:
        """Whether it's about this action on this resource in this context, whoever calls."""
        return (
            any(glob(pattern, action, ignore_case=True) for pattern in self.actions) != self.not_actions
            and self._covers_resource(resource, context)
            and all(condition.holds(context, variables=self.variables) for condition in self.conditions)
        )

    def _covers_resource(self, resource: str, context: Context) -> bool:
        if not self.resources:
            return True  # a trust policy: the role that it belongs to
        found = any_match(
            self.resources, context if self.variables else None, lambda pattern: arn_glob(pattern, resource)
        )
        return found != self.not_resources


@dataclass(frozen=True)
class Policy:
    """A policy, by its name."""

    name: str
    statements: tuple[Statement, ...]


def read_policy(name: str, document: str | bytes | Mapping[str, Any], kind: Kind = "identity") -> Policy:
    """Parse a policy. Raises MalformedPolicy."""
    try:
        found = document if isinstance(document, Mapping) else json.loads(document)
    except ValueError as error:
        raise MalformedPolicy(f"it isn't JSON: {error}") from error
    if not isinstance(found, Mapping):
        raise MalformedPolicy("it isn't an object")
    version = found.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        raise MalformedPolicy(f"Version is {version}, not {' or '.join(_VERSIONS)}")
    statements = _list(found.get("Statement"))
    if not statements:
        raise MalformedPolicy("it has no Statement")
    read = [_statement(name, place, each, kind, version) for place, each in enumerate(statements, 1)]
    sids = [each["Sid"] for each in statements if each.get("Sid")]
    if len(sids) != len(set(sids)):
        raise MalformedPolicy("two statements have the same Sid")
    return Policy(name, tuple(read))


def _statement(policy: str, place: int, found: Any, kind: Kind, version: str) -> Statement:
    if not isinstance(found, Mapping):
        raise MalformedPolicy(f"statement {place} isn't an object")
    sid = str(found.get("Sid") or f"statement {place}")
    if unknown := sorted(set(found) - _ELEMENTS):
        raise MalformedPolicy(f"{sid} has {', '.join(unknown)}, which isn't an element of a statement")
    if found.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy(f"{sid} has no Effect that is Allow or Deny")
    actions, not_actions = _either(found, "Action", sid)
    if not actions:
        raise MalformedPolicy(f"{sid} has neither Action nor NotAction")
    if wrong := [action for action in actions if not _ACTION.fullmatch(action)]:
        raise MalformedPolicy(f"{sid} has the action {wrong[0]}, which isn't of the form service:Action")
    resources, not_resources = _resources(found, sid, kind)
    principals, not_principals = _principals(found, sid)
    if (principals is None) != (kind == "identity"):
        problem = "a Principal, which a policy of an identity can't have" if principals is not None else "no Principal"
        raise MalformedPolicy(f"{sid} has {problem}")
    return Statement(
        policy=policy,
        sid=sid,
        allows=found["Effect"] == "Allow",
        actions=actions,
        not_actions=not_actions,
        resources=resources,
        not_resources=not_resources,
        principals=principals,
        not_principals=not_principals,
        conditions=_conditions(found, sid),
        # Older policies take `${aws:username}` for plain text.
        variables=version == _VERSIONS[0],
    )


def _resources(found: Mapping[str, Any], sid: str, kind: Kind) -> tuple[tuple[str, ...], bool]:
    resources, negated = _either(found, "Resource", sid)
    if kind == "identity" and not resources:
        raise MalformedPolicy(f"{sid} has neither Resource nor NotResource")
    if kind == "trust" and resources:
        raise MalformedPolicy(f"{sid} has a Resource, which a role's trust policy can't have")
    if wrong := [each for each in resources if each != "*" and not each.startswith("arn:")]:
        raise MalformedPolicy(f"{sid} has the resource {wrong[0]}, which is neither an ARN nor *")
    return resources, negated


def _conditions(found: Mapping[str, Any], sid: str) -> tuple[Condition, ...]:
    try:
        return read_conditions(found.get("Condition", {}))
    except InvalidCondition as error:
        raise MalformedPolicy(f"{sid}: {error}") from error


def _either(found: Mapping[str, Any], name: str, sid: str) -> tuple[tuple[str, ...], bool]:
    """The patterns of an element or of its negation, and whether it's the negation."""
    if name in found and f"Not{name}" in found:
        raise MalformedPolicy(f"{sid} has both {name} and Not{name}")
    negated = f"Not{name}" in found
    patterns = _list(found.get(f"Not{name}" if negated else name))
    if not all(isinstance(pattern, str) for pattern in patterns):
        raise MalformedPolicy(f"{sid} has a {name} that isn't a text")
    return tuple(patterns), negated


def _principals(found: Mapping[str, Any], sid: str) -> tuple[Mapping[str, tuple[str, ...]] | None, bool]:
    if "Principal" in found and "NotPrincipal" in found:
        raise MalformedPolicy(f"{sid} has both Principal and NotPrincipal")
    negated = "NotPrincipal" in found
    given = found.get("NotPrincipal" if negated else "Principal")
    if given is None:
        return None, False
    if given == "*":
        return {"AWS": ("*",)}, negated
    if not isinstance(given, Mapping):
        raise MalformedPolicy(f'{sid} has a Principal that is neither "*" nor an object')
    return {kind: tuple(map(str, _list(names))) for kind, names in given.items()}, negated


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
