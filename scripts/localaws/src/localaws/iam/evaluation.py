"""The decision about a call.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from localaws.iam.patterns import Context
from localaws.iam.policy import Policy, Statement
from localaws.iam.principals import Named, Principal

# Services whose resources are closed to their own account's identities, unless the resource's policy opens them.
_POLICY_DECIDES = frozenset({"kms", "sts"})


@dataclass(frozen=True)
class Call:
    """An action on a resource of the account `owner`, with the context of the request."""

    principal: Principal
    action: str
    resource: str
    owner: str
    context: Context


@dataclass(frozen=True)
class Policies:
    """What is said about a call: the policies of who calls, their limits, and the policy of the resource.

    `boundary` and `session` limit what `identity` allows; None where there is none.
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundary: Policy | None = None
    session: Policy | None = None


@dataclass(frozen=True)
class Decision:
    """Whether a call is allowed, in words why not, and the statements that decided."""

    allowed: bool
    reason: str = ""
    statements: tuple[Statement, ...] = field(default=())


def decide(call: Call, policies: Policies) -> Decision:
    """A deny decides; else an allow is needed, of the identity within its limits, or of the resource's policy."""
    for kind, statement in _denials(call, policies):
        return Decision(allowed=False, reason=f"with an explicit deny in {kind}", statements=(statement,))
    by_resource = dict(_resource_statements(call, policies.resource, allows=True))
    by_identity = _allowing(call, policies.identity)
    limits = {
        "a permissions boundary": policies.boundary and _allowing(call, (policies.boundary,)),
        "a session policy": policies.session and _allowing(call, (policies.session,)),
    }
    exceeded = [name for name, found in limits.items() if found is not None and not found]
    within = tuple(statement for found in limits.values() if found for statement in found)
    if not call.principal.has_policies:
        return _granted(tuple(by_resource.values())) if by_resource else _refused(call, "resource-based")
    is_foreign = call.owner != call.principal.account
    if is_foreign or _service(call) in _POLICY_DECIDES:
        return _closed(call, by_resource, by_identity, exceeded, within, is_foreign=is_foreign)
    # What names the session or the user itself, or everybody, doesn't depend on what its identity may do.
    direct = tuple(by_resource[named] for named in ("itself", "everybody") if named in by_resource)
    if direct:
        return _granted(direct)
    allowing = (*by_identity, *((by_resource["role"],) if "role" in by_resource else ()))
    if allowing and not exceeded:
        return _granted((*allowing, *within))
    return _refused(call, "identity-based", exceeded if allowing else ())


def _closed(
    call: Call,
    by_resource: dict[Named, Statement],
    by_identity: tuple[Statement, ...],
    exceeded: list[str],
    within: tuple[Statement, ...],
    *,
    is_foreign: bool,
) -> Decision:
    """A resource of another account, a key or a role: its own policy must allow the call, and the identity too.

    Within the account the resource's policy is enough if it names more than the account.
    """
    if not by_resource:
        return _refused(call, "resource-based")
    if not is_foreign and set(by_resource) - {"account"}:
        return _granted(tuple(by_resource.values()))
    if not by_identity or exceeded:
        return _refused(call, "identity-based", exceeded if by_identity else ())
    return _granted((*by_resource.values(), *by_identity, *within))


def _denials(call: Call, policies: Policies) -> Iterator[tuple[str, Statement]]:
    kinds = (
        ("an identity-based policy", policies.identity),
        ("a permissions boundary", (policies.boundary,) if policies.boundary else ()),
        ("a session policy", (policies.session,) if policies.session else ()),
    )
    if call.principal.has_policies:
        for kind, found in kinds:
            yield from (
                (kind, statement)
                for policy in found
                for statement in policy.statements
                if not statement.allows and statement.covers(call.action, call.resource, call.context)
            )
    for _, statement in _resource_statements(call, policies.resource, allows=False):
        yield "a resource-based policy", statement


def _resource_statements(call: Call, policy: Policy | None, *, allows: bool) -> Iterator[tuple[Named, Statement]]:
    """The statements of the resource's policy about the call, with how each names who calls."""
    for statement in policy.statements if policy else ():
        if statement.allows != allows or not statement.covers(call.action, call.resource, call.context):
            continue
        named = call.principal.named(statement.principals or {})
        if statement.not_principals:
            named = None if named else "everybody"
        if named:
            yield named, statement


def _allowing(call: Call, policies: tuple[Policy, ...]) -> tuple[Statement, ...]:
    return tuple(
        statement
        for policy in policies
        for statement in policy.statements
        if statement.allows and statement.covers(call.action, call.resource, call.context)
    )


def _granted(statements: tuple[Statement, ...]) -> Decision:
    return Decision(allowed=True, statements=statements)


def _refused(call: Call, kind: str, exceeded: list[str] | tuple[()] = ()) -> Decision:
    named = exceeded[0].removeprefix("a ") if exceeded else f"{kind} policy"
    return Decision(allowed=False, reason=f"because no {named} allows the {call.action} action")


def _service(call: Call) -> str:
    return call.action.partition(":")[0]
