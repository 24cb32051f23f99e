"""The API with keys: closed to everybody else, but for its health."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.routing import Route

from mlops.authorization.check import Checker
from mlops.authorization.grants import SCOPES, Grant
from mlops.authorization.keys import digest, new_key
from mlops.authorization.needs import OPEN
from mlops.authorization.table import KeysTable
from mlops.errors.authorization import TableUnavailable
from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version
from tests.unit.mlops.serving.harness import Api


class Table:
    """KeysTable's side of DynamoDB; `away` makes it fail."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.away: set[str] = set()
        self.warned: list[str] = []

    def __call__(self, operation: str, body: Mapping[str, Any], patience: float) -> dict[str, Any]:
        assert patience > 0
        self.calls.append(operation)
        if operation in self.away:
            raise TableUnavailable(operation, "503 it is away")
        wanted = body["Key"]["digest"]["S"]
        if operation == "UpdateItem":
            self.items[wanted]["last_used"] = body["ExpressionAttributeValues"][":now"]
            return {}
        return {"Item": self.items[wanted]} if wanted in self.items else {}

    def add(self, *scopes: str, models: tuple[str, ...] = ()) -> str:
        key = new_key()
        grant = Grant(digest(key), "tester", frozenset(scopes), 1, frozenset(models))
        self.items[grant.digest] = grant.item()
        return key


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def closed(store: Store, open_api: Callable[..., Api], table: Table) -> Api:
    """The API on version 1 of diagnosis, closed by keys."""
    put_version(store, 1)
    promote(store, 1)
    keys = KeysTable("keys", table, table.warned.append)
    api = open_api(authorization="keys", checker=Checker(keys.find, keys.touch))
    api.printed()
    return api


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def predict(api: Api, path: str = "/predict", **headers: str) -> Any:
    return api.ask("POST", path, json.dumps({"rows": [ROWS[0]]}), content_type="application/json", **headers)


def routes(api: Api) -> Iterator[tuple[str, str]]:
    """Each method and path of the application, with names in place of parameters."""
    names = {"{model}": "diagnosis", "{version}": "1", "{name}": "x"}
    for route in api.app.routes:
        assert isinstance(route, Route), route
        path = route.path
        for parameter, name in names.items():
            path = path.replace(parameter, name)
        for method in route.methods or ():
            yield method, path


def test_every_route_but_health_is_closed_without_a_key(closed: Api) -> None:
    found = set(routes(closed))
    assert len(found) > 20
    for method, path in sorted(found):
        answer = closed.ask(method, path)
        if path == OPEN:
            assert answer.status == 200, path
            continue
        assert answer.status == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Basic" if path in ("/", "/docs") else "Bearer")
        if method != "HEAD":
            assert answer.json["type"] == "urn:mlops:problem:not-authenticated"
    assert closed.ask("GET", "/nowhere").status == 401
    assert closed.ask("POST", "/nowhere").status == 401


def test_no_route_is_closed_if_the_api_is_open(api: Api) -> None:
    assert {api.ask(method, path).status for method, path in routes(api)}.isdisjoint({401, 403})


def test_a_key_opens_what_its_scope_is_for(closed: Api, table: Table) -> None:
    key = table.add("predict")
    assert predict(closed, **bearer(key)).status == 200
    # An authorizer's cache has one header for a key, so there is no other one for it.
    assert predict(closed, x_api_key=key).status == 401
    basic = base64.b64encode(f"me:{key}".encode()).decode()
    assert predict(closed, authorization=f"Basic {basic}").status == 200
    assert predict(closed, "/models/diagnosis/versions/1/predict", **bearer(key)).status == 403
    versions = bearer(table.add("predict", "versions"))
    assert predict(closed, "/models/diagnosis/versions/1/predict", **versions).status == 200
    refused = closed.ask("GET", "/models", **bearer(key))
    assert (refused.status, refused.json["type"]) == (403, "urn:mlops:problem:not-permitted")
    assert closed.ask("GET", "/models", **bearer(table.add("read"))).status == 200
    assert closed.ask("GET", "/docs", **bearer(table.add("read"))).status == 200
    assert closed.ask("POST", "/models/diagnosis/feedback", "{}", **bearer(key)).status == 403


def test_a_key_for_other_models_opens_none_but_theirs(closed: Api, table: Table) -> None:
    other, own = table.add(*SCOPES, models=("churn",)), table.add(*SCOPES, models=("diagnosis",))
    for path in ("/predict", "/models/diagnosis/predict"):
        assert predict(closed, path, **bearer(other)).status == 403
        assert predict(closed, path, **bearer(own)).status == 200
    assert closed.ask("GET", "/models", **bearer(own)).status == 403
    assert closed.ask("GET", "/models/diagnosis", **bearer(own)).status == 200
    # Whatever comes before a slash at the end, or stands twice, is no way around.
    for path in ("/predict/", "//predict", "/models/diagnosis/predict/", "/models//diagnosis/predict"):
        assert predict(closed, path, **bearer(other)).status == 403


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/predict", "POST"), ("PUT", "/models/diagnosis/predict", "POST"), ("POST", "/models", "GET, HEAD")],
)
def test_a_method_that_a_path_doesnt_take_is_405_to_every_key(
    closed: Api, table: Table, method: str, path: str, allowed: str
) -> None:
    @closed.app.delete("/models")
    def clear() -> None:  # pragma: no cover - nobody may
        raise AssertionError

    for key in (table.add("predict"), table.add("predict", models=("other",)), table.add(*SCOPES)):
        answer = closed.ask(method, path, **bearer(key))
        assert (answer.status, answer.json["title"]) == (405, "Method Not Allowed")
        assert {*allowed.split(", ")} <= {*answer.headers["allow"].split(", ")}
    assert closed.ask(method, path).status == 401
    # What is taken, and what isn't there, need their scopes as before.
    headers = bearer(table.add("feedback"))
    for asked in (("POST", "/predict"), ("GET", "/models"), ("HEAD", "/models"), ("DELETE", "/models"), ("PUT", "/x")):
        assert closed.ask(*asked, **headers).status == 403


def test_nobody_is_let_in_while_the_table_cant_be_read(closed: Api, table: Table) -> None:
    key = table.add(*SCOPES)
    table.away = {"GetItem"}
    answer = predict(closed, **bearer(key))
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "away" not in answer.body.decode()
    assert closed.ask("GET", OPEN).status == 200
    table.away = {"UpdateItem"}
    assert predict(closed, **bearer(key)).status == 200
    assert table.warned == [
        "The last use of the key 'tester' could not be written: The table doesn't answer UpdateItem: 503 it is away"
    ]


def test_a_grant_is_read_once_and_its_use_written_once(closed: Api, table: Table) -> None:
    key = table.add("predict")
    for _ in range(5):
        assert predict(closed, **bearer(key)).status == 200
    assert table.calls == ["GetItem", "UpdateItem"]
    assert int(table.items[digest(key)]["last_used"]["N"]) > 1


def test_a_key_is_in_no_log_line_and_no_answer(closed: Api, table: Table) -> None:
    good, unknown = table.add("predict"), new_key()
    revoked = table.add("predict")
    grant = Grant.of_item(table.items[digest(revoked)])
    table.items[digest(revoked)] = replace(grant, revoked=1).item()
    seen = ""
    for key in (good, unknown, revoked, good[:-3], f"marked-{good}"):
        for headers in (bearer(key), {"x_api_key": key}, {"authorization": f"Basic {key}"}, {"authorization": key}):
            for path in ("/predict", "/models", "/nowhere"):
                answer = predict(closed, path, **headers)
                seen += answer.body.decode() + json.dumps(answer.headers)
    table.away = {"GetItem"}
    seen += predict(closed, **bearer(table.add("predict"))).body.decode() + " ".join(table.warned)
    seen += json.dumps(closed.printed())
    assert not any(key[6:30] in seen for key in (good, unknown, revoked))
    assert not any(each in seen for each in table.items)


def test_the_document_offers_the_key_where_one_is_needed(closed: Api, api: Api, table: Table) -> None:
    document = closed.ask("GET", "/openapi.json", **bearer(table.add("read"))).json
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert document["security"] == [{"key": []}]
    validate(document)
    assert {"401", "403"} <= set(document["paths"]["/predict"]["post"]["responses"])
    assert document["paths"]["/health"]["get"]["security"] == []
    plain = api.ask("GET", "/openapi.json").json
    assert "security" not in plain
    assert "401" not in plain["paths"]["/predict"]["post"]["responses"]
