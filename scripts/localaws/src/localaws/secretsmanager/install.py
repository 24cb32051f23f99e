"""Makes moto's Secrets Manager check requests, and follow the staging label AWSCURRENT.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.secretsmanager.exceptions import InvalidParameterException, InvalidRequestException, ValidationException
from moto.secretsmanager.models import SecretsManagerBackend

from localaws.moto_patches import MotoPatches

_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_LARGEST = 65_536
_LONGEST_PASSWORD = 4096
_DELETED = "You can't perform this operation on the secret because it was marked for deletion."


def install(patches: MotoPatches) -> None:
    """Replace what moto accepts or does otherwise."""
    patches.replace(SecretsManagerBackend, "create_secret", _creating)
    for name in ("put_secret_value", "update_secret"):
        patches.replace(SecretsManagerBackend, name, _writing)
    patches.replace(SecretsManagerBackend, "update_secret_version_stage", _moving)
    patches.replace(SecretsManagerBackend, "get_random_password", _generating)


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
