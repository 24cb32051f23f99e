"""A release's check of the application itself: by its key it asks what is closed to others, and finds what's broken."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from obstore.store import MemoryStore
from starlette.routing import Route

from mlops.authorization.check import Checker
from mlops.authorization.grants import Grant
from mlops.registry.store import Store
from mlops.release.check_key import CheckKeys
from mlops.release.checks import PATHS, find_failures
from tests.unit.mlops.release.test_hook import Table
from tests.unit.mlops.serving.artifacts import promote, put_version
from tests.unit.mlops.serving.harness import Api


class Versions:
    """Lambda with two versions of the API."""

    def __init__(self, **versions: Api) -> None:
        self.versions = versions
        self.statuses: list[int] = []

    def invoke(self, FunctionName: str, Qualifier: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "mlops-api"
        answer = self.versions[Qualifier].send(json.loads(Payload))
        self.statuses.append(answer.status)
        return {"Payload": io.BytesIO(json.dumps({"statusCode": answer.status}).encode())}


@pytest.fixture
def store() -> Store:
    store = MemoryStore()
    put_version(store, 1)
    promote(store, 1)
    return store


@pytest.fixture
def table() -> Table:
    return Table()


type Open = Callable[..., Api]


@pytest.fixture
def open_api(store: Store, table: Table, open_api_on: Open) -> Open:
    """Starts the API with an authorization."""

    def find(digest: str) -> Grant | None:
        return Grant.of_item(table.items[digest]) if digest in table.items else None

    def start(authorization: str) -> Api:
        checker = Checker(find, lambda *_: None) if authorization == "keys" else None
        return open_api_on(store, authorization=authorization, checker=checker)

    return start


def check(functions: Versions, table: Table) -> list[str]:
    with CheckKeys(table, "keys").issued() as key:
        return find_failures(functions, "mlops-api", "new", "live", key)


@pytest.mark.parametrize("authorization", ["keys", "iam", "open"])
def test_each_path_is_answered_however_the_api_is_closed(open_api: Open, table: Table, authorization: str) -> None:
    functions = Versions(new=open_api(authorization))
    assert (check(functions, table), functions.statuses) == ([], [200] * len(PATHS))


@pytest.mark.parametrize("authorization", ["keys", "iam", "open"])
@pytest.mark.parametrize("broken", PATHS)
def test_a_broken_path_is_found_however_the_api_is_closed(
    open_api: Open, table: Table, authorization: str, broken: str
) -> None:
    new, live = open_api(authorization), open_api(authorization)

    async def fail(*_: object) -> None:
        raise RuntimeError("a broken build")

    (route,) = [each for each in new.app.routes if isinstance(each, Route) and each.path == broken]
    route.app = fail
    found = check(Versions(new=new, live=live), table)
    assert found == [f"GET {broken}: status 500, which the version before doesn't answer"]


def test_a_version_that_lets_nobody_in_is_found(open_api: Open, table: Table, store: Store, open_api_on: Open) -> None:
    denying = open_api_on(store, authorization="keys", checker=Checker(lambda _: None, lambda *_: None))
    found = check(Versions(new=denying, live=open_api("keys")), table)
    assert found == [f"GET {path}: status 401, which the version before doesn't answer" for path in PATHS[1:]]
