"""Makes moto's Secrets Manager check requests, and follow the staging label AWSCURRENT.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.secretsmanager.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    SecretNotFoundException,
    ValidationException,
)
from moto.secretsmanager.models import SecretsManagerBackend, SecretsStore
from moto.secretsmanager.responses import SecretsManagerResponse

from localaws.clock import Clock
from localaws.iam.policy import MalformedPolicy, read_policy
from localaws.moto_patches import MotoPatches

_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_LARGEST = 65_536
_LONGEST_PASSWORD = 4096
_RECOVERY_DAYS = 30
_DAY = 86_400
_SORTED_BY = {
    "created-date": "CreatedDate",
    "last-accessed-date": "LastAccessedDate",
    "last-changed-date": "LastChangedDate",
    "name": "Name",
}
_DELETED = "You can't perform this operation on the secret because it was marked for deletion."


class MalformedResourcePolicy(JsonRESTError):
    """The policy of a secret isn't one."""

    def __init__(self, reason: str) -> None:
        super().__init__("MalformedPolicyDocumentException", f"This resource policy is malformed: {reason}.")


def install(patches: MotoPatches, clock: Clock) -> None:
    """Replace what moto accepts or does otherwise; deletions happen on `clock`."""
    for name in ("__getitem__", "__contains__", "get"):
        patches.replace(SecretsStore, name, partial(_deleting_due, clock))
    patches.replace(SecretsManagerBackend, "create_secret", _creating)
    for name in ("put_secret_value", "update_secret"):
        patches.replace(SecretsManagerBackend, name, _writing)
    patches.replace(SecretsManagerBackend, "update_secret_version_stage", _moving)
    patches.replace(SecretsManagerBackend, "get_random_password", _generating)
    patches.replace(SecretsManagerBackend, "delete_secret", partial(_deleting, clock))
    patches.replace(SecretsManagerBackend, "put_resource_policy", _with_policy)
    patches.replace(SecretsManagerBackend, "rotate_secret", _rotating)
    for name in ("tag_resource", "untag_resource"):
        patches.replace(SecretsManagerBackend, name, _tagging)
    patches.replace(SecretsManagerResponse, "list_secret_version_ids", _listing_versions)
    patches.replace(SecretsManagerResponse, "list_secrets", _listing)


def check_content(text: str | None, binary: Any) -> None:
    """Raise unless a secret is a text or binary, and not larger than 64 KB."""
    if text is not None and binary is not None:
        raise InvalidParameterException("You can't specify both a binary secret value and a string secret value.")
    if text is not None and len(text.encode()) > _LARGEST:
        raise ValidationException(
            "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have "
            f"length less than or equal to {_LARGEST}"
        )


def _creating(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_secret(
        backend: Any, name: str, secret_string: Any, secret_binary: Any, *args: Any, **options: Any
    ) -> Any:
        if not _NAME.fullmatch(name):
            raise ValidationException(
                "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
                "-/_+=.@!"
            )
        if name in backend.secrets and backend.secrets[name].is_deleted():
            raise InvalidRequestException(
                "You can't create this secret because a secret with this name is already scheduled for deletion."
            )
        check_content(secret_string, secret_binary)
        return original(backend, name, secret_string, secret_binary, *args, **options)

    return create_secret


def _writing(original: Callable[..., Any]) -> Callable[..., Any]:
    def write(backend: Any, secret_id: str, **options: Any) -> Any:
        if secret_id in backend.secrets and backend.secrets[secret_id].is_deleted():
            raise InvalidRequestException(_DELETED)
        check_content(options.get("secret_string"), options.get("secret_binary"))
        return original(backend, secret_id, **options)

    return write


def _moving(original: Callable[..., Any]) -> Callable[..., Any]:
    def update_secret_version_stage(backend: Any, secret_id: str, version_stage: str, **options: Any) -> Any:
        if version_stage == "AWSCURRENT" and not options.get("move_to_version_id"):
            raise InvalidParameterException(
                "The parameter MoveToVersionId can't be empty. Staging label AWSCURRENT must be on one version."
            )
        answer = original(backend, secret_id, version_stage, **options)
        if version_stage == "AWSCURRENT" and options.get("move_to_version_id"):
            # moto reads this version if none is asked for.
            backend.secrets[secret_id].set_default_version_id(options["move_to_version_id"])
        return answer

    return update_secret_version_stage


def _generating(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_random_password(backend: Any, password_length: int, *args: Any, **options: Any) -> Any:
        if not 1 <= password_length <= _LONGEST_PASSWORD:
            bound = "less than or equal to 4096" if password_length > 1 else "greater than or equal to 1"
            raise ValidationException(
                f"1 validation error detected: Value '{password_length}' at 'passwordLength' failed to satisfy "
                f"constraint: Member must have value {bound}"
            )
        return original(backend, password_length, *args, **options)

    return get_random_password


def _deleting_due(clock: Clock, original: Callable[..., Any]) -> Callable[..., Any]:
    def find(store: Any, *args: Any) -> Any:
        """Delete the secrets whose time has come before one is looked for."""
        for secret in list(dict.values(store)):
            if secret.is_deleted() and secret.deleted_date <= clock.now():
                dict.pop(store, secret.name, None)
        return original(store, *args)

    return find


def _deleting(clock: Clock, original: Callable[..., Any]) -> Callable[..., Any]:
    def delete_secret(
        backend: Any, secret_id: str, recovery_window_in_days: int | None, force_delete_without_recovery: bool
    ) -> Any:
        """Delete a secret at the end of its recovery window by `clock`."""
        arn, name, date = original(backend, secret_id, recovery_window_in_days, force_delete_without_recovery)
        if not force_delete_without_recovery:
            date = clock.now() + (recovery_window_in_days or _RECOVERY_DAYS) * _DAY
            backend.secrets[secret_id].delete(date)
        return arn, name, date

    return delete_secret


def _with_policy(original: Callable[..., Any]) -> Callable[..., Any]:
    def put_resource_policy(backend: Any, secret_id: str, policy: str) -> Any:
        try:
            read_policy("resource policy", policy, "resource")
        except MalformedPolicy as error:
            raise MalformedResourcePolicy(str(error)) from None
        return original(backend, secret_id, policy)

    return put_resource_policy


def _rotating(original: Callable[..., Any]) -> Callable[..., Any]:
    def rotate_secret(backend: Any, secret_id: str, *args: Any, **options: Any) -> Any:
        secret = backend.secrets.get(secret_id)
        function = options.get("rotation_lambda_arn") or (args[1] if len(args) > 1 else None)
        if secret is not None and not function and not getattr(secret, "rotation_lambda_arn", None):
            raise InvalidRequestException(
                "No Lambda rotation function ARN is associated with this secret."
                if not secret.is_deleted()
                else _DELETED
            )
        return original(backend, secret_id, *args, **options)

    return rotate_secret


def _tagging(original: Callable[..., Any]) -> Callable[..., Any]:
    def tag(backend: Any, arn: str, *args: Any, **options: Any) -> Any:
        if arn in backend.secrets and backend.secrets[arn].is_deleted():
            raise InvalidRequestException(_DELETED)
        return original(backend, arn, *args, **options)

    return tag


def _listing_versions(original: Callable[[Any], str]) -> Callable[[Any], str]:
    def list_secret_version_ids(request: Any) -> str:
        """Leave out the versions without labels, which are deprecated, unless they're asked for."""
        if request._get_param("SecretId", if_none="") not in request.backend.secrets:
            raise SecretNotFoundException
        answer = json.loads(original(request))
        if not request._get_param("IncludeDeprecated"):
            answer["Versions"] = [version for version in answer["Versions"] if version["VersionStages"]]
        return json.dumps({name: value for name, value in answer.items() if value != ""})

    return list_secret_version_ids


def _listing(original: Callable[[Any], str]) -> Callable[[Any], str]:
    def list_secrets(request: Any) -> str:
        """Sort by SortBy and SortOrder if one of them is given."""
        field, order = request._get_param("SortBy"), request._get_param("SortOrder")
        if not (field or order):
            return original(request)
        backend = request.backend
        every, _ = backend.list_secrets(
            filters=request._get_param("Filters", if_none=[]),
            max_results=len(backend.secrets) + 1,
            include_planned_deletion=request._get_param("IncludePlannedDeletion", if_none=False),
        )
        member = _SORTED_BY[field or "created-date"]
        # Secrets of the same second are in the order of their creation.
        numbered = sorted(enumerate(every), key=lambda each: (each[1][member] or 0, each[0]), reverse=order == "desc")
        page, token = backend._get_secret_values_page_and_next_token(
            [secret for _, secret in numbered], request._get_int_param("MaxResults"), request._get_param("NextToken")
        )
        return json.dumps({"SecretList": page, "NextToken": token})

    return list_secrets
