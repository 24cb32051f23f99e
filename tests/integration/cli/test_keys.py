"""`mlops keys` makes, lists and revokes keys, and stores none of them."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app
from cli.api import KEY_VARIABLE, connect
from cli.errors import CommandError
from cli.key_table import KeyTable
from mlops.authorization.check import Checker
from mlops.authorization.grants import SCOPES, Grant
from mlops.authorization.keys import is_well_formed
from mlops.authorization.needs import Need
from mlops.errors.authorization import NotAuthenticated

pytestmark = pytest.mark.usefixtures("s3")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["keys", *words])


def items() -> list[dict[str, Any]]:
    client: Any = boto3.client("dynamodb")
    found: list[dict[str, Any]] = client.scan(TableName="keys")["Items"]
    return found


def created(*words: str) -> str:
    done = run("create", *words)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def checker() -> Checker:
    """The API's check over the table as it is."""
    grants = {grant.digest: grant for grant in map(Grant.of_item, items())}
    return Checker(grants.get, lambda *_: None)


def test_a_key_is_printed_alone_and_stored_as_its_digest() -> None:
    key = created("ann", "--scope", "predict", "--model", "diagnosis", "--expires", "90d")
    assert is_well_formed(key)
    assert key[6:] not in json.dumps(items())
    grant = checker().check(key, Need("predict", "diagnosis"))
    assert (grant.name, *grant.scopes, *grant.models) == ("ann", "predict", "diagnosis")
    assert grant.expires == grant.created + 90 * 86400
    assert key[6:] not in run("list").stdout + run("list", "--json").stdout


def test_without_scopes_a_key_may_all_but_operate() -> None:
    created("bob")
    shown = json.loads(run("list", "--json").stdout)
    assert [(each["name"], each["scopes"], each["models"], each["expires"], each["state"]) for each in shown] == [
        ("bob", ["predict", "feedback", "read"], [], None, "valid")
    ]


def test_a_revoked_key_is_refused_and_listed_and_its_name_can_be_given_again() -> None:
    key = created("ann")
    assert run("revoke", "ann").exit_code == 0
    with pytest.raises(NotAuthenticated):
        checker().check(key, Need("predict", None))
    assert "revoked" in run("list").stdout
    second = created("ann")
    assert checker().check(second, Need("predict", None)).name == "ann"
    assert run("revoke", "ann", "--json").exit_code == 0
    assert [each["state"] for each in json.loads(run("list", "--json").stdout)] == ["revoked", "revoked"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("create", "ann", "--scope", "root"), "no scope 'root'"),
        (("create", "ann", "--expires", "soon"), "--expires is 'soon'; write a number and a unit"),
        (("create", "ann", "--expires", ""), "--expires is ''; write a number and a unit"),
        (("create", "ann", "--expires", "-1d"), "--expires is '-1d'; write a number and a unit"),
        (("create", "ann", "--expires", "0d"), "such a key could never be used"),
        (("create", "ann", "--expires", "99999999d"), "--expires is '99999999d'; write at most 36500d"),
        (("create", ""), "is no name for a key"),
        (("create", "x" * 129), "is no name for a key"),
        (("create", "ann\n"), "is no name for a key"),
        (("create", "a\x1b[31mnn"), "is no name for a key"),
        (("create", "a\u202enn"), "is no name for a key"),
        (("create", "ann", "--scope", "PREDICT"), "no scope 'PREDICT'"),
        (("create", "ann", "--scope", ""), "no scope ''"),
        (("create", "ann", "--scope", "predict read"), "no scope 'predict read'"),
        (("create", "ann", "--scope", "*"), "no scope '*'"),
        (("revoke", "nobody"), "no key named 'nobody'"),
    ],
)
def test_mistakes_are_told(words: tuple[str, ...], problem: str) -> None:
    done = run(*words)
    assert isinstance(done.exception, CommandError)
    assert problem in str(done.exception)
    assert items() == []


def test_a_name_is_given_once() -> None:
    created("ann")
    assert "a key named 'ann'" in str(run("create", "ann").exception)
    assert len(items()) == 1


def test_all_keys_of_a_name_are_revoked() -> None:
    """Each machine that starts a stack gives its own key the same name."""
    table = KeyTable(boto3.client("dynamodb"), "keys", lambda: datetime.now(UTC))
    keys = [table.issue("scripts/start", SCOPES)[0] for _ in range(3)]
    kept = created("ann")
    done = run("revoke", "scripts/start")
    assert (done.exit_code, "3 keys of this name" in done.stdout) == (0, True)
    for key in keys:
        with pytest.raises(NotAuthenticated):
            checker().check(key, Need("predict", None))
    assert checker().check(kept, Need("predict", None)).name == "ann"
    assert isinstance(run("revoke", "scripts/start").exception, CommandError)


def test_the_commands_send_the_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with connect("http://127.0.0.1:9", 1) as client:
        assert "authorization" not in client.headers
    monkeypatch.setenv(KEY_VARIABLE, "mlops_x")
    with connect("http://127.0.0.1:9", 1) as client:
        assert client.headers["authorization"] == "Bearer mlops_x"
