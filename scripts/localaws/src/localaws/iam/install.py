"""AWS's own managed policies in moto's IAM, each when it's first needed: moto loads all 1,400 or none. And checks."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from moto.iam.exceptions import MalformedPolicyDocument, ValidationError
from moto.iam.models import IAMBackend

from localaws.iam import deletions, paging, simulator
from localaws.iam.policy import MalformedPolicy, read_policy
from localaws.iam.store import PolicyStore, aws_managed_policy
from localaws.moto_patches import MotoPatches

_AWS = "arn:aws:iam::aws:policy/"
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_NAMES = (
    ("create_role", "role_name", 64),
    ("create_user", "user_name", 64),
    ("create_group", "group_name", 128),
    ("create_policy", "policy_name", 128),
    ("create_instance_profile", "name", 128),
)
# The operations with the policy of an identity, and the parameters of moto's methods that have it.
_DOCUMENTS = (
    ("create_policy", "policy_document"),
    ("create_policy_version", "policy_document"),
    ("put_group_policy", "policy_json"),
    ("put_role_policy", "policy_json"),
    ("put_user_policy", "policy_json"),
)


def install(patches: MotoPatches, store: PolicyStore, account: str) -> None:
    """Let roles have AWS's managed policies, and users, and boundaries; check names and trust policies; simulate."""
    simulator.install(patches, store, account)
    for name in ("attach_role_policy", "attach_user_policy", "attach_group_policy", "get_policy"):
        patches.replace(IAMBackend, name, _knowing_aws)
    for name, parameter, longest in _NAMES:
        patches.replace(IAMBackend, name, partial(_with_name, parameter, longest))
    patches.replace(IAMBackend, "create_role", _with_trust)
    for name, parameter in _DOCUMENTS:
        patches.replace(IAMBackend, name, partial(_with_document, parameter))
    paging.install(patches)
    deletions.install(patches)


def _knowing_aws(original: Callable[..., Any]) -> Callable[..., Any]:
    def known(backend: Any, policy_arn: str, *rest: Any, **options: Any) -> Any:
        if policy_arn.startswith(_AWS) and policy_arn not in backend.managed_policies:
            found = aws_managed_policy(policy_arn, backend.account_id, backend.region_name)
            if found:
                backend.managed_policies[policy_arn] = found
        return original(backend, policy_arn, *rest, **options)

    return known


def _with_name(parameter: str, longest: int, original: Callable[..., Any]) -> Callable[..., Any]:
    """Check the name of what is created."""
    signature = inspect.signature(original)

    @wraps(original)
    def create(*args: Any, **options: Any) -> Any:
        name = str(signature.bind(*args, **options).arguments[parameter])
        constraint = ""
        if not _NAME.fullmatch(name):
            constraint = r"Member must satisfy regular expression pattern: [\w+=,.@-]+"
        elif len(name) > longest:
            constraint = f"Member must have length less than or equal to {longest}"
        if constraint:
            member = _camel(parameter if parameter != "name" else "instance_profile_name")
            raise ValidationError(
                f"1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: {constraint}"
            )
        return original(*args, **options)

    return create


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _with_trust(original: Callable[..., Any]) -> Callable[..., Any]:
    """Check the trust policy of a role."""
    signature = inspect.signature(original)

    @wraps(original)
    def put(*args: Any, **options: Any) -> Any:
        document = signature.bind(*args, **options).arguments["assume_role_policy_document"]
        try:
            # A policy without statements is accepted: it trusts nobody, and roles that nobody takes have it in trials.
            if not _is_empty(document):
                read_policy("trust", document, "trust")
        except MalformedPolicy as error:
            raise MalformedPolicyDocument(f"The trust policy is malformed: {error}.") from None
        return original(*args, **options)

    return put


def _with_document(parameter: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Check the policy of an identity."""
    signature = inspect.signature(original)

    @wraps(original)
    def put(*args: Any, **options: Any) -> Any:
        try:
            read_policy("policy", signature.bind(*args, **options).arguments[parameter])
        except MalformedPolicy as error:
            raise MalformedPolicyDocument(f"The policy is malformed: {error}.") from None
        return original(*args, **options)

    return put


def _is_empty(document: str) -> bool:
    """Whether a policy is an object without statements."""
    try:
        found = json.loads(document)
    except ValueError:
        return False
    return isinstance(found, dict) and not found.get("Statement")
