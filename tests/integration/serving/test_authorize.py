"""AuthorizeFunction as it is shipped: small, quick to import, and right about keys and tokens."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws_testing.issuer import Issuer, issuer
from mlops.authorization.grants import Grant
from mlops.authorization.keys import digest, new_key
from tests.integration.serving.conftest import ROOT, environment, make
from tests.unit.test_architecture import FUNCTIONS, modules, reached

TABLE = "keys"
# Runs it as Lambda does: nothing but its code, its layer and the standard library can be imported.
RUN = """
import json, sys
import authorize
print(json.dumps(sorted(sys.modules)))
for given in json.load(sys.stdin):
    headers = {} if given is None else {"Authorization" if len(given) % 2 else "authorization": given}
    try:
        print(json.dumps(authorize.handler({"version": "2.0", "headers": headers}, None)))
    except Exception as error:
        print(json.dumps({"raised": type(error).__name__, "text": str(error)}))
print(json.dumps(sorted(sys.modules)))
"""
# What a start may not wait for.
SLOW = {"boto3", "botocore", "cryptography", "fastapi", "joserfc", "numpy", "obstore", "onnxruntime", "pydantic"}


@dataclass(frozen=True)
class Shipped:
    """The function's folder and its layer's."""

    function: Path
    layer: Path

    def run(self, *given: str | None, **variables: str) -> list[Any]:
        """The modules that were imported at first, the answers to these headers, and the modules at the end."""
        kept = {name: value for name, value in environment(self.function, self.layer).items() if "MODEL" not in name}
        done = subprocess.run(
            [sys.executable, "-S", "-W", "error", "-c", RUN],
            input=json.dumps(given),
            env=kept | {"KEYS_TABLE": TABLE} | variables,
            cwd=self.layer,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    function, layer = tmp_path_factory.mktemp("authorize"), tmp_path_factory.mktemp("authorization-layer")
    make("build-AuthorizeFunction", ROOT / "functions", function)
    make("build-AuthorizationLayer", ROOT / "layers" / "authorization", layer)
    return Shipped(function, layer / "python")


@pytest.fixture
def table(s3: str) -> Any:
    """A client of the DynamoDB that has the table of keys."""
    client: Any = boto3.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "digest", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
    )
    return client


@pytest.fixture
def tokens() -> Iterator[Issuer]:
    with issuer(time.time) as found:
        yield found


def trusting(tokens: Issuer) -> dict[str, str]:
    return {"TOKEN_ISSUER": tokens.url, "TOKEN_AUDIENCES": "mine", "TOKEN_KEYS_URL": f"{tokens.url}/jwks"}


def add(table: Any, **changed: Any) -> str:
    key = new_key()
    grant = replace(Grant(digest(key), "ann's notebook", frozenset(("predict", "read")), 1), **changed)
    table.put_item(TableName=TABLE, Item=grant.item())
    return key


def test_it_holds_what_it_imports_and_no_more(shipped: Shipped) -> None:
    files = modules()
    wanted = {files[name].relative_to(FUNCTIONS).as_posix() for name in reached("authorize")}
    assert {path.relative_to(shipped.function).as_posix() for path in shipped.function.rglob("*.py")} == wanted
    size = sum(path.stat().st_size for path in shipped.function.rglob("*.py"))
    assert size < 60_000


def test_keys_that_stand_pass_with_the_name_and_the_scopes_of_the_caller(shipped: Shipped, table: Any) -> None:
    key = add(table)
    unusable = [add(table, revoked=1), add(table, expires=1), new_key(), key[:-1]]
    at_first, passed, *refused, _ = shipped.run(f"Bearer {key}", *(f"Bearer {each}" for each in unusable), "", None)
    assert passed == {"isAuthorized": True, "context": {"caller": "ann's notebook", "scopes": "predict read"}}
    assert refused == [{"isAuthorized": False}] * 6
    assert not {name.partition(".")[0] for name in at_first} & SLOW
    assert "last_used" in table.get_item(TableName=TABLE, Key={"digest": {"S": digest(key)}})["Item"]


def test_tokens_of_the_issuer_pass_with_nothing_but_its_layer(shipped: Shipped, table: Any, tokens: Issuer) -> None:
    good, late, other = tokens.token(scope="predict"), tokens.token(exp=1), tokens.token(aud="yours")
    given = [f"Bearer {each}" for each in (good, late, other, f"{good}x")]
    at_first, passed, *refused, at_the_end = shipped.run(*given, **trusting(tokens))
    assert passed == {"isAuthorized": True, "context": {"caller": "ann", "scopes": "predict"}}
    assert refused == [{"isAuthorized": False}] * 3
    assert "joserfc" not in at_first
    assert {"joserfc", "cryptography"} <= {*at_the_end}


def test_it_raises_where_nothing_can_be_checked_and_names_no_key(shipped: Shipped, table: Any, tokens: Issuer) -> None:
    key = add(table)
    _, answer, _ = shipped.run(f"Bearer {key}", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert answer["raised"] == "KeysUnavailable"
    assert key[6:] not in answer["text"]
    token = tokens.token(scope="predict")
    nowhere = trusting(tokens) | {"TOKEN_KEYS_URL": "http://127.0.0.1:1/jwks"}
    _, answer, _ = shipped.run(f"Bearer {token}", **nowhere)
    assert answer["raised"] == "KeysUnavailable"


def test_without_its_settings_it_doesnt_start(shipped: Shipped) -> None:
    command = [sys.executable, "-S", "-c", "import authorize"]
    kept = environment(shipped.function, shipped.layer) | {"KEYS_TABLE": ""}
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "KEYS_TABLE" in done.stderr
