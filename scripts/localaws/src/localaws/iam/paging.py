"""Pages of IAM's lists, which moto answers whole.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from localaws.moto_patches import MotoPatches

_DEFAULT = 100
# Operations whose answers moto doesn't page → the list in each.
_LISTS = {
    "list_access_keys": "AccessKeyMetadata",
    "list_group_policies": "PolicyNames",
    "list_groups": "Groups",
    "list_groups_for_user": "Groups",
    "list_instance_profiles": "InstanceProfiles",
    "list_instance_profiles_for_role": "InstanceProfiles",
    "list_role_policies": "PolicyNames",
    "list_user_policies": "PolicyNames",
    "list_users": "Users",
}


def install(patches: MotoPatches) -> None:
    """Page the answers of lists, and end those that end with a full page."""
    for name, member in _LISTS.items():
        patches.replace(IamResponse, name, partial(_paged, member))
    patches.replace_method(IAMBackend, "_filter_attached_policies", _policies)


def page[Item](items: Iterable[Item], marker: str | None, most: int | None) -> tuple[list[Item], str | None]:
    """A page of a list from `marker` on, and the marker of the next page if there's one."""
    every, start = list(items), int(marker or 0)
    end = start + (most or _DEFAULT)
    return every[start:end], str(end) if end < len(every) else None


def _paged(member: str, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def respond(request: Any) -> Any:
        answer = original(request)
        given = answer.result[member]
        items, marker = page(given, request._get_param("Marker"), request._get_param("MaxItems"))
        answer.result.update({member: items, "IsTruncated": marker is not None})
        if marker:
            answer.result["Marker"] = marker
        return answer

    return respond


def _policies(
    _: Any, policies: Iterable[Any], marker: str | None, max_items: int, path_prefix: str
) -> tuple[list[Any], str | None]:
    """The managed policies of a page, by name."""
    under = [policy for policy in policies if policy.path.startswith(path_prefix or "/")]
    return page(sorted(under, key=lambda policy: str(policy.name)), marker, max_items)
