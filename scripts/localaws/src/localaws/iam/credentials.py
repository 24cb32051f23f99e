"""The credentials of roles: those that functions get, and those that STS gives."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from localaws.iam.keys import Keys
from localaws.iam.principals import Principal


@dataclass(frozen=True)
class Caller:
    """Who an access key belongs to, and the session policy, if the session has one."""

    principal: Principal
    session_policy: str | None = None


class Credentials:
    """Gives keys to the roles of services, and knows whose a key is."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._secret = secrets.token_bytes(16)
        self._given: dict[str, Caller] = {}
        self._secrets: dict[str, Keys] = {}

    def give(self, role: str, session: str) -> Keys:
        """Keys of a role (its ARN), for a session of this name; the same ones each time."""
        digest = hashlib.sha256(self._secret + f"{role}/{session}".encode()).digest()
        access_key = f"ASIA{base64.b32encode(digest[:10]).decode()}"
        self._given[access_key] = Caller(role_session(self._account, role, session))
        keys = Keys(access_key, base64.b64encode(digest[:30]).decode(), base64.b64encode(digest).decode())
        self._secrets[access_key] = keys
        return keys

    def keys(self, access_key: str) -> Keys | None:
        """The secret and token of a role's session or a user's key, whose token is empty; None for any other key."""
        if access_key in self._secrets:
            return self._secrets[access_key]
        assumed = sts_backends[self._account]["aws"].get_assumed_role_from_access_key(access_key)
        if assumed:
            return Keys(access_key, assumed.secret_access_key, assumed.session_token)
        known = (key for user in iam_backends[self._account]["aws"].users.values() for key in user.access_keys)
        found = next((key for key in known if key.access_key_id == access_key), None)
        return Keys(access_key, found.secret_access_key, "") if found else None

    def whose(self, access_key: str) -> Caller | None:
        """Who signs with this key: a role, or a user; None for any other key, which is the account's own."""
        found = self._given.get(access_key)
        if found:
            return found
        assumed = sts_backends[self._account]["aws"].get_assumed_role_from_access_key(access_key)
        if assumed:
            principal = role_session(self._account, assumed.role_arn, assumed.session_name)
            return Caller(principal, assumed.policy or None)
        for user in iam_backends[self._account]["aws"].users.values():
            if any(key.access_key_id == access_key for key in user.access_keys):
                return Caller(Principal(self._account, user.arn))
        return None


def role_session(account: str, role: str, session: str) -> Principal:
    """The principal of a role's session."""
    name = role.rpartition("/")[2]
    return Principal(account, role, f"arn:aws:sts::{account}:assumed-role/{name}/{session}")
