"""Policies and calls in few words."""

from __future__ import annotations

from typing import Any

from localaws.iam.evaluation import Call, Decision, Policies, decide
from localaws.iam.policy import read_policy
from localaws.iam.principals import Principal

ACCOUNT = "123456789012"
OTHER = "999999999999"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
WORKER = Principal(ACCOUNT, ROLE, SESSION)
ANN = Principal(ACCOUNT, USER)
EVENTS = Principal(ACCOUNT, service="events.amazonaws.com")
OBJECT = "arn:aws:s3:::bucket/a/b.csv"


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement; `NotAction`, `Principal` and so on by name, None leaves out what it names."""
    found = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {name: value for name, value in found.items() if value is not None}


def deny(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, Effect="Deny", **more)


def when(operator: str, key: str, *values: Any) -> dict[str, Any]:
    """A statement that allows everything where the condition holds."""
    return allow("*", Condition={operator: {key: list(values)}})


def document(*statements: dict[str, Any], version: str | None = "2012-10-17") -> dict[str, Any]:
    found: dict[str, Any] = {"Statement": list(statements)}
    return found if version is None else {"Version": version, **found}


def ask(
    *identity: dict[str, Any],
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    by: Principal = WORKER,
    owner: str = ACCOUNT,
    version: str | None = "2012-10-17",
    of_resource: list[dict[str, Any]] | None = None,
    trust: list[dict[str, Any]] | None = None,
    boundary: list[dict[str, Any]] | None = None,
    session: list[dict[str, Any]] | None = None,
    **context: str | tuple[str, ...],
) -> Decision:
    """The decision about a call; names in `context` have `__` for the colon."""
    policies = Policies(
        identity=(read_policy("identity", document(*identity, version=version)),) if identity else (),
        resource=(
            read_policy("resource", document(*of_resource), "resource")
            if of_resource is not None
            else read_policy("trust", document(*trust), "trust")
            if trust is not None
            else None
        ),
        boundary=read_policy("boundary", document(*boundary)) if boundary is not None else None,
        session=read_policy("session", document(*session)) if session is not None else None,
    )
    values = {
        name.replace("__", ":").lower(): value if isinstance(value, tuple) else (value,)
        for name, value in context.items()
    }
    return decide(Call(by, action, resource, owner, values), policies)


def allows(*identity: dict[str, Any], **how: Any) -> bool:
    return ask(*identity, **how).allowed
