"""The tables that sessions depend on: their own, and that of the API's keys."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mlops.authorization.grants import Grant
from mlops.authorization.keys import digest, is_well_formed
from mlops.console.session.links import Link, link_id
from mlops.console.session.session import Session
from mlops.errors.authorization import TableUnavailable

_SECRET = "secret"  # noqa: S105 - the id of its item
_SECRET_BYTES = 32
_SECRET_SECONDS = 60.0
_CONDITION_FAILED = "ConditionalCheckFailedException"


class Sessions:
    """The sessions' table: the secret that signs cookies, one-time links, and sessions that were ended.

    Items but the secret have `expires`, by which DynamoDB deletes them. Every method raises TableUnavailable.
    """

    def __init__(self, client: Any, table: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._table, self._clock = client, table, clock
        self._kept: tuple[float, bytes] = (0.0, b"")

    def secret(self) -> bytes:
        """The secret, made by the first instance that needs it. Who deletes its item ends every session in a minute."""
        until, secret = self._kept
        if not secret or self._clock() >= until:
            secret = self._find_secret() or self._make_secret()
            self._kept = (self._clock() + _SECRET_SECONDS, secret)
        return secret

    def take(self, token: str, now: int) -> Link | None:
        """The link of a token, which nobody can use any more; None if it's unknown, used or expired."""
        key = {"id": {"S": link_id(token)}}
        with _reporting("DeleteItem"):
            found = self._client.delete_item(TableName=self._table, Key=key, ReturnValues="ALL_OLD")
        link = Link.of_item(found["Attributes"]) if "Attributes" in found else None
        return link if link and now < link.expires else None

    def end(self, session: Session) -> None:
        """End a session before its time, wherever its cookie is."""
        # Not the time of this cookie: a copy of it may have been renewed since.
        item = {"id": {"S": _ended_id(session)}, "expires": {"N": str(session.ends)}}
        with _reporting("PutItem"):
            self._client.put_item(TableName=self._table, Item=item)

    def has_ended(self, session: Session) -> bool:
        """Whether a session was ended."""
        return self._get(_ended_id(session)) is not None

    def _find_secret(self) -> bytes | None:
        item = self._get(_SECRET)
        return bytes(item["value"]["B"]) if item else None

    def _make_secret(self) -> bytes:
        made = secrets.token_bytes(_SECRET_BYTES)
        item = {"id": {"S": _SECRET}, "value": {"B": made}}
        try:
            with _reporting("PutItem"):
                self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(id)")
        except _ConditionFailed:
            return self._find_secret() or self._make_secret()
        return made

    def _get(self, identity: str) -> Mapping[str, Any] | None:
        with _reporting("GetItem"):
            key = {"id": {"S": identity}}
            found: Mapping[str, Any] = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return found.get("Item")


class Keys:
    """The table of the API's keys; `now` is in epoch seconds. Every method raises TableUnavailable."""

    def __init__(self, client: Any, table: str, now: Callable[[], float]) -> None:
        self._client, self._table, self._now = client, table, now

    def find(self, wanted: str) -> Grant | None:
        """What the key of a digest grants now; None if it's unknown, revoked or expired."""
        with _reporting("GetItem"):
            key = {"digest": {"S": wanted}}
            found = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        grant = Grant.of_item(found["Item"]) if "Item" in found else None
        return grant if grant and grant.stands_at(self._now()) else None

    def use(self, key: str) -> Grant | None:
        """What a key grants, if it grants anything; it's written down that it was used."""
        grant = self.find(digest(key)) if is_well_formed(key) else None
        if grant is None:
            return None
        try:
            with _reporting("UpdateItem"):
                self._client.update_item(
                    TableName=self._table,
                    Key={"digest": {"S": grant.digest}},
                    UpdateExpression="SET last_used = :now",
                    # A deleted key isn't made again.
                    ConditionExpression="attribute_exists(digest)",
                    ExpressionAttributeValues={":now": {"N": str(int(self._now()))}},
                )
        except _ConditionFailed:
            return None
        return grant


class _ConditionFailed(Exception):
    """The condition of a write doesn't hold any more: somebody else was first."""


@contextmanager
def _reporting(operation: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] == _CONDITION_FAILED:
            raise _ConditionFailed from error
        raise TableUnavailable(operation, str(error)) from error
    except BotoCoreError as error:
        raise TableUnavailable(operation, str(error)) from error


def _ended_id(session: Session) -> str:
    return f"ended:{session.id}"
