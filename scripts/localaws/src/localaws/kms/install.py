"""Makes moto's KMS refuse operations with keys that are disabled or will be deleted.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend

from localaws.moto_patches import MotoPatches

# The other operations of moto call these.
_BY_KEY = ("encrypt", "sign", "verify", "generate_mac")


class Disabled(JsonRESTError):
    """The key is disabled."""

    def __init__(self, arn: str) -> None:
        super().__init__("DisabledException", f"{arn} is disabled.")


class InvalidState(JsonRESTError):
    """The key's state doesn't allow the operation."""

    def __init__(self, arn: str, state: str) -> None:
        super().__init__("KMSInvalidStateException", f"{arn} is {state}.")


def install(patches: MotoPatches) -> None:
    """Check the state of the key of each cryptographic operation."""
    for name in _BY_KEY:
        patches.replace(KmsBackend, name, _using_key)
    patches.replace(KmsBackend, "decrypt", _decrypting)


def check_state(key: Any) -> None:
    """Raise unless a key can be used."""
    if key.key_state == "Disabled":
        raise Disabled(key.arn)
    if key.key_state == "PendingDeletion":
        raise InvalidState(key.arn, "pending deletion")


def _using_key(original: Callable[..., Any]) -> Callable[..., Any]:
    def use(backend: Any, *args: Any, key_id: str, **options: Any) -> Any:
        key = backend.keys.get(backend.any_id_to_key_id(key_id))
        if key is not None:
            check_state(key)
        return original(backend, *args, key_id=key_id, **options)

    return use


def _decrypting(original: Callable[..., Any]) -> Callable[..., Any]:
    def decrypt(backend: Any, *args: Any, **options: Any) -> Any:
        answer = original(backend, *args, **options)
        # The ciphertext names its key.
        check_state(backend.keys[backend.any_id_to_key_id(answer[1])])
        return answer

    return decrypt
