"""The policy simulator: what policies allow, by the rules that calls are judged by.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam import responses

from localaws.iam.patterns import VARIABLE, Context
from localaws.iam.policy import MalformedPolicy, Policy, Statement, read_policy
from localaws.iam.principals import Principal
from localaws.iam.store import PolicyStore
from localaws.moto_patches import MotoPatches

_PAGE = 100
_UNSUPPORTED = ("OrderedOrganizationPolicyInputList", "PolicyExclusionList", "ResourceHandlingOption", "ResourceOwner")


class InvalidInput(ServiceException):
    """A request that can't be simulated."""

    code = "InvalidInput"


class NoSuchEntity(ServiceException):
    """There's no such role or user."""

    code = "NoSuchEntity"


@dataclass(frozen=True)
class Simulation:
    """The policies of a caller, their limit, the policy of the resource, and the context of the simulated calls."""

    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...]
    resource: Policy | None
    caller: Principal
    context: Context

    def result(self, action: str, resource: str) -> dict[str, Any]:
        """The EvaluationResult of an action on a resource."""
        covering = [each for each in self._statements() if each.covers(action, resource, self.context)]
        denials = [each for each in covering if not each.allows]
        limited = bool(self.boundary) and not any(_allows(self.boundary, action, resource, self.context))
        allowing = [] if limited else [*_allows(self.identity, action, resource, self.context)]
        allowing += [each for each in self._opened() if each.allows and each.covers(action, resource, self.context)]
        decision = "explicitDeny" if denials else "allowed" if allowing else "implicitDeny"
        found: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": decision,
            "MatchedStatements": [
                {"SourcePolicyId": each.policy, "SourcePolicyType": self._kind(each)} for each in denials or allowing
            ],
            "MissingContextValues": sorted(
                {key for each in self._statements() for key in _keys(each)} - set(self.context)
            ),
        }
        if self.boundary:
            found["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": not limited}
        return found

    def _statements(self) -> Iterator[Statement]:
        for policy in (*self.identity, *self.boundary):
            yield from policy.statements
        yield from self._opened()

    def _opened(self) -> Iterator[Statement]:
        """The statements of the resource's policy that are about the caller."""
        for statement in self.resource.statements if self.resource else ():
            if bool(self.caller.named(statement.principals or {})) != statement.not_principals:
                yield statement

    def _kind(self, statement: Statement) -> str:
        if self.resource and statement in self.resource.statements:
            return "resource"
        return "none" if "PolicyInputList." in statement.policy else statement.policy.partition("/")[0]


def install(patches: MotoPatches, store: PolicyStore, account: str) -> None:
    """Add the simulator's two actions, which moto lacks."""

    def simulate_custom_policy(request: Any) -> ActionResult:
        """SimulateCustomPolicy."""
        return _answer(_simulation(request, account, (), None), request)

    def simulate_principal_policy(request: Any) -> ActionResult:
        """SimulatePrincipalPolicy."""
        arn = str(request._get_param("PolicySourceArn"))
        session = f"arn:aws:sts::{account}:assumed-role/{arn.rpartition('/')[2]}/simulated"
        caller = Principal(account, arn, session if ":role/" in arn else "")
        if not store.unique_id(caller):
            raise NoSuchEntity(f"The role or user {arn} cannot be found.")
        identity, boundary = store.of_identity(caller)
        return _answer(_simulation(request, account, identity, boundary, caller), request)

    for action in (simulate_custom_policy, simulate_principal_policy):
        patches.add(responses.IamResponse, action.__name__, action)


def _simulation(
    request: Any, account: str, identity: tuple[Policy, ...], boundary: Policy | None, caller: Principal | None = None
) -> Simulation:
    read = request._get_param
    for name in _UNSUPPORTED:
        if read(name):
            raise InvalidInput(f"Local AWS doesn't support {name}.")
    given = read("PermissionsBoundaryPolicyInputList") or []
    limits = tuple(_policies("PermissionsBoundaryPolicyInputList", given)) or ((boundary,) if boundary else ())
    document, arn = read("ResourcePolicy"), read("CallerArn")
    if document and not (arn or caller):
        raise InvalidInput("CallerArn is needed to simulate a ResourcePolicy.")
    try:
        resource = read_policy("ResourcePolicy", document, "resource") if document else None
    except MalformedPolicy as error:
        raise InvalidInput(f"ResourcePolicy is malformed: {error}.") from None
    entries = read("ContextEntries") or []
    context = {
        str(entry["ContextKeyName"]).lower(): tuple(map(str, entry.get("ContextKeyValues", []))) for entry in entries
    }
    return Simulation(
        (*identity, *_policies("PolicyInputList", read("PolicyInputList") or [])),
        limits,
        resource,
        Principal(account, str(arn)) if arn else caller or Principal(account),
        context,
    )


def _policies(name: str, documents: Iterable[str]) -> Iterator[Policy]:
    for place, document in enumerate(documents, 1):
        try:
            yield read_policy(f"{name}.{place}", document)
        except MalformedPolicy as error:
            raise InvalidInput(f"Policy {place} of {name} is malformed: {error}.") from None


def _answer(simulation: Simulation, request: Any) -> ActionResult:
    """A page of the results: each action on each resource."""
    read = request._get_param
    wanted = [(action, resource) for action in read("ActionNames") for resource in read("ResourceArns") or ["*"]]
    marker, size = str(read("Marker") or "0"), int(read("MaxItems") or _PAGE)
    if not marker.isdigit() or int(marker) > len(wanted):
        raise InvalidInput(f"The marker {marker} is invalid.")
    end = int(marker) + size
    answer: dict[str, Any] = {
        "EvaluationResults": [simulation.result(*each) for each in wanted[int(marker) : end]],
        "IsTruncated": end < len(wanted),
    }
    return ActionResult(answer | ({"Marker": str(end)} if end < len(wanted) else {}))


def _allows(policies: tuple[Policy, ...], action: str, resource: str, context: Context) -> Iterator[Statement]:
    for policy in policies:
        yield from (each for each in policy.statements if each.allows and each.covers(action, resource, context))


def _keys(statement: Statement) -> Iterator[str]:
    """The context keys that a statement asks for, in lower case."""
    for condition in statement.conditions:
        yield condition.key.lower()
    values = [value for condition in statement.conditions for value in condition.values]
    for pattern in (*statement.resources, *values) if statement.variables else ():
        yield from (found["name"].lower() for found in VARIABLE.finditer(pattern) if found["name"])
