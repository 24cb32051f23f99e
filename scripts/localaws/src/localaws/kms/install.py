"""Makes moto's KMS refuse operations with keys in the wrong state or for another use, and delete keys in time.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.exceptions import ValidationException
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches

# moto's operations with a key → what the key must be for. The others call these.
_USAGES = {
    "encrypt": "ENCRYPT_DECRYPT",
    "sign": "SIGN_VERIFY",
    "verify": "SIGN_VERIFY",
    "generate_mac": "GENERATE_VERIFY_MAC",
}
_PENDING = "PendingDeletion"
_RESERVED = "alias/aws/"
# The days that a key waits for its deletion.
_WINDOW = (7, 30)
_DAY = 86_400


class Disabled(JsonRESTError):
    """The key is disabled."""

    def __init__(self, arn: str) -> None:
        super().__init__("DisabledException", f"{arn} is disabled.")


class InvalidState(JsonRESTError):
    """The key's state doesn't allow the operation."""

    def __init__(self, arn: str, state: str) -> None:
        super().__init__("KMSInvalidStateException", f"{arn} is {state}.")


class IncorrectKey(JsonRESTError):
    """The ciphertext was encrypted by another key."""

    def __init__(self) -> None:
        super().__init__(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )


class InvalidUsage(JsonRESTError):
    """The key is for something else."""

    def __init__(self, arn: str, usage: str, operation: str) -> None:
        super().__init__("InvalidKeyUsageException", f"{arn} key usage is {usage} which is not valid for {operation}.")


class InvalidSignature(JsonRESTError):
    """The signature isn't that of the message."""

    def __init__(self) -> None:
        super().__init__("KMSInvalidSignatureException", "")


class ReservedAlias(JsonRESTError):
    """The name of an alias is one of AWS's."""

    def __init__(self, name: str) -> None:
        super().__init__("NotAuthorizedException", f"{name} begins with {_RESERVED}, which is reserved.")


def install(patches: MotoPatches, clock: Clock) -> None:
    """Check the state and the usage of the key of each operation; deletions happen on `clock`."""
    for name, usage in _USAGES.items():
        patches.replace(KmsBackend, name, partial(_using_key, name, usage))
    patches.replace(KmsBackend, "verify", _verifying)
    patches.replace(KmsBackend, "decrypt", _decrypting)
    patches.replace(KmsBackend, "create_alias", _naming)
    patches.replace(KmsBackend, "schedule_key_deletion", partial(_scheduling, clock))
    for name in ("enable_key", "disable_key"):
        patches.replace(KmsBackend, name, _changing)
    patches.replace(KmsBackend, "cancel_key_deletion", _cancelling)
    patches.replace(KmsResponse, "kms_backend", partial(_deleting_due, clock))


def check_state(key: Any) -> None:
    """Raise unless a key can be used."""
    if key.key_state == "Disabled":
        raise Disabled(key.arn)
    check_not_pending(key)


def check_not_pending(key: Any) -> None:
    """Raise for a key that will be deleted."""
    if key.key_state == _PENDING:
        raise InvalidState(key.arn, "pending deletion")


def _using_key(operation: str, usage: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def use(backend: Any, *args: Any, key_id: str, **options: Any) -> Any:
        key = backend.keys.get(backend.any_id_to_key_id(key_id))
        if key is not None:
            check_state(key)
            has = key.key_usage or _USAGES["encrypt"]
            if has != usage:
                raise InvalidUsage(key.arn, has, operation.replace("_", " ").title().replace(" ", ""))
        return original(backend, *args, key_id=key_id, **options)

    return use


def _verifying(original: Callable[..., Any]) -> Callable[..., Any]:
    def verify(backend: Any, *args: Any, **options: Any) -> Any:
        answer = original(backend, *args, **options)
        if not answer[1]:
            raise InvalidSignature
        return answer

    return verify


def _decrypting(original: Callable[..., Any]) -> Callable[..., Any]:
    def decrypt(backend: Any, *args: Any, key_id: str | None = None, **options: Any) -> Any:
        answer = original(backend, *args, **options)
        # The ciphertext names its key.
        key = backend.keys[backend.any_id_to_key_id(answer[1])]
        if key_id is not None and backend.any_id_to_key_id(key_id) != key.id:
            raise IncorrectKey
        check_state(key)
        return answer

    return decrypt


def _naming(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_alias(backend: Any, target_key_id: str, alias_name: str) -> Any:
        if alias_name.startswith(_RESERVED):
            raise ReservedAlias(alias_name)
        return original(backend, target_key_id, alias_name)

    return create_alias


def _scheduling(clock: Clock, original: Callable[..., Any]) -> Callable[..., Any]:
    def schedule_key_deletion(backend: Any, key_id: str, pending_window_in_days: int) -> Any:
        least, most = _WINDOW
        if not least <= pending_window_in_days <= most:
            raise ValidationException(
                f"1 validation error detected: Value '{pending_window_in_days}' at 'pendingWindowInDays' failed to "
                f"satisfy constraint: Member must have value from {least} to {most}"
            )
        key = backend.keys[backend.any_id_to_key_id(key_id)]
        check_not_pending(key)
        original(backend, key.id, pending_window_in_days)
        due = clock.now() + pending_window_in_days * _DAY
        key.deletion_date = datetime.fromtimestamp(due, UTC).replace(tzinfo=None)
        return due

    return schedule_key_deletion


def _changing(original: Callable[..., Any]) -> Callable[..., Any]:
    def change(backend: Any, key_id: str) -> Any:
        check_not_pending(backend.keys[key_id])
        return original(backend, key_id)

    return change


def _cancelling(original: Callable[..., Any]) -> Callable[..., Any]:
    def cancel_key_deletion(backend: Any, key_id: str) -> Any:
        key = backend.keys[key_id]
        if key.key_state != _PENDING:
            raise InvalidState(key.arn, "not pending deletion")
        return original(backend, key_id)

    return cancel_key_deletion


def _deleting_due(clock: Clock, original: property) -> property:
    def kms_backend(request: Any) -> Any:
        """Delete the keys whose time has come before a request looks for one."""
        backend = original.fget(request)  # type: ignore[misc]
        for key in list(backend.keys.values()):
            if key.deletion_date and key.deletion_date.replace(tzinfo=UTC).timestamp() <= clock.now():
                del backend.keys[key.id]
        return backend

    return property(kms_backend)
