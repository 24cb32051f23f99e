"""KMS: what it refuses and moto does, through AWS clients."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.refusals import refused


@pytest.mark.proves("kms key states")
def test_a_disabled_key_isnt_used(cloud: Any) -> None:
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    encrypted = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    calls: list[tuple[Any, dict[str, Any]]] = [
        (kms.encrypt, {"KeyId": key, "Plaintext": b"x"}),
        (kms.decrypt, {"CiphertextBlob": encrypted}),
        (kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"}),
        (kms.re_encrypt, {"CiphertextBlob": encrypted, "DestinationKeyId": key}),
    ]

    kms.disable_key(KeyId=key)
    assert [refused(call, **given) for call, given in calls] == ["DisabledException"] * 4

    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=encrypted)["Plaintext"] == b"x"

    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert [refused(call, **given) for call, given in calls] == ["KMSInvalidStateException"] * 4


@pytest.mark.proves("kms key states")
def test_a_disabled_key_doesnt_sign(cloud: Any) -> None:
    kms = cloud.client("kms")
    key = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
    given = {"KeyId": key, "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**given)["Signature"]

    kms.disable_key(KeyId=key)

    assert refused(kms.sign, **given) == "DisabledException"
    assert refused(kms.verify, **given, Signature=signature) == "DisabledException"


@pytest.mark.proves("kms key states")
def test_a_key_that_doesnt_exist_is_named(cloud: Any) -> None:
    key = "00000000-0000-0000-0000-000000000000"
    assert refused(cloud.client("kms").encrypt, KeyId=key, Plaintext=b"x") == "NotFoundException"
