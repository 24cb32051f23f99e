"""What IAM doesn't delete while something else belongs to it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend

from localaws.moto_patches import MotoPatches


def install(patches: MotoPatches) -> None:
    """Refuse the deletion of users, groups and policies that are in use."""
    patches.replace(IAMBackend, "delete_user", _deleting_user)
    patches.replace(IAMBackend, "delete_group", _deleting_group)
    patches.replace(IAMBackend, "delete_policy", _deleting_policy)


def _deleting_user(original: Callable[..., None]) -> Callable[..., None]:
    def delete_user(backend: Any, user_name: str) -> None:
        user = backend.get_user(user_name)
        if backend.get_groups_for_user(user_name):
            raise DeleteConflictException("Cannot delete entity, must remove users from group first.")
        if user.access_keys:
            raise DeleteConflictException("Cannot delete entity, must delete access keys first.")
        if user.mfa_devices:
            raise DeleteConflictException("Cannot delete entity, must delete MFA device first.")
        if user.password:
            raise DeleteConflictException("Cannot delete entity, must delete login profile first.")
        original(backend, user_name)

    return delete_user


def _deleting_group(original: Callable[..., None]) -> Callable[..., None]:
    def delete_group(backend: Any, group_name: str) -> None:
        group = backend.groups.get(group_name)
        if group is not None and group.users:
            raise DeleteConflictException("Cannot delete entity, must remove users from group first.")
        if group is not None and group.managed_policies:
            raise DeleteConflictException("Cannot delete entity, must detach all policies first.")
        if group is not None and group.policies:
            raise DeleteConflictException("Cannot delete entity, must delete policies first.")
        original(backend, group_name)

    return delete_group


def _deleting_policy(original: Callable[..., None]) -> Callable[..., None]:
    def delete_policy(backend: Any, policy_arn: str) -> None:
        policy = backend.get_policy(policy_arn)
        if policy.attachment_count:
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise DeleteConflictException(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                "versions. The default version is deleted with the policy."
            )
        original(backend, policy_arn)

    return delete_policy
