"""Ways around the check of a request that were tried: other spellings of its path, method, key and query."""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.routing import Route
from starlette.types import Message
from starlette.websockets import WebSocket

from mlops.authorization.check import Checker
from mlops.authorization.grants import SCOPES
from mlops.authorization.table import KeysTable
from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version
from tests.unit.mlops.serving.harness import Answer, Api
from tests.unit.mlops.serving.test_authorization import Table, bearer, predict
from tests.unit.mlops.serving.test_explanations import explainer
from tests.unit.mlops.serving.test_offers import TENSORS

BODY = json.dumps({"rows": [ROWS[0]]})
PATHS = (
    "/predict",
    "/invocations",
    "/recommend",
    "/models/diagnosis/predict",
    "/models/diagnosis/recommend",
    "/models/diagnosis/feedback",
    "/models/diagnosis/versions/1/predict",
    "/models/diagnosis/versions/1/recommend",
    "/v2/models/diagnosis/infer",
    "/v2/models/diagnosis/versions/1/infer",
)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda path: path,
    "a slash too many": lambda path: f"{path}/",
    "two slashes too many": lambda path: f"{path}//",
    "two slashes before": lambda path: f"/{path}",
    "two slashes within": lambda path: path.replace("/models", "//models").replace("/predict", "//predict"),
    "a dot": lambda path: f"/.{path}",
    "health and back": lambda path: f"/health/..{path}",
    "an escaped slash": lambda path: path.replace("/", "%2f"),
    "an escaped letter": lambda path: path.replace("d", "%64"),
    "escaped twice": lambda path: path.replace("/", "%252f"),
    "capitals": str.upper,
    "a parameter": lambda path: f"{path};a=health",
    "another slash": lambda path: path.replace("/", "\\"),
    "a fragment": lambda path: f"{path}#/health",
    "a zero byte": lambda path: f"{path}%00/health",
    "a space": lambda path: f"{path}%20",
    "a line break": lambda path: f"{path}%0a",
    "a wide letter": lambda path: path.replace("e", "\uff45"),
    "a host": lambda path: f"//evil.example{path}",
}


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def closed(store: Store, open_api: Callable[..., Api], table: Table) -> Api:
    """The API on version 1 of diagnosis, which can be explained, closed by keys."""
    put_version(store, 1, more=explainer())
    promote(store, 1)
    keys = KeysTable("keys", table, table.warned.append)
    api = open_api(authorization="keys", checker=Checker(keys.find, keys.touch))
    api.printed()
    return api


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_path_needs_no_key(closed: Api, spelling: str) -> None:
    for path in (*PATHS, "/models", "/docs", "/openapi.json", "/"):
        for method in ("GET", "POST", "PUT", "OPTIONS", "HEAD", "TRACE", "get", "post"):
            answer = closed.ask(method, SPELLINGS[spelling](path), BODY, content_type="application/json")
            assert answer.status == 401, (method, path)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_path_opens_another_model_or_a_version(closed: Api, table: Table, spelling: str) -> None:
    other = bearer(table.add(*SCOPES, models=("churn",)))
    champion = bearer(table.add(*(scope for scope in SCOPES if scope != "versions")))
    for path in PATHS:
        asked = SPELLINGS[spelling](path)
        for query in ("", "model=churn", "explain=false"):
            answer = closed.ask("POST", asked, BODY, query, content_type="application/json", **other)
            assert answer.status == 403, (asked, answer.status)
        if "versions" in path:
            answer = closed.ask("POST", asked, BODY, content_type="application/json", **champion)
            # What the router doesn't take for the path isn't there.
            assert answer.status in (403, 404), (asked, answer.status)


@pytest.mark.parametrize(
    "header",
    [
        "x_http_method_override",
        "x_http_method",
        "x_method_override",
        "x_original_url",
        "x_rewrite_url",
        "x_forwarded_prefix",
    ],
)
def test_no_header_has_another_method_or_path(closed: Api, table: Table, header: str) -> None:
    reader = bearer(table.add("read"))
    for value in ("GET", "/health", "/models"):
        assert predict(closed, **{header: value}, **reader).status == 403
        assert predict(closed, **{header: value}).status == 401


def test_a_method_in_the_query_or_the_body_is_none(closed: Api, table: Table) -> None:
    reader = bearer(table.add("read"))
    body = json.dumps({"_method": "GET", "rows": [ROWS[0]]})
    answer = closed.ask("POST", "/predict", body, "_method=GET", content_type="application/json", **reader)
    assert answer.status == 403


@pytest.mark.parametrize(
    "form",
    [
        "{key}",
        "Key {key}",
        "Token {key}",
        "Bearer\t{key}",
        "Bearer {key},Bearer {key}",
        "Bearer {key}, {key}",
        "Bearer {key} {key}",
        "Bearer Bearer {key}",
        'Bearer "{key}"',
        "Bearer: {key}",
        "Bearer={key}",
        "Bearer {key}\x00",
        "Bearer {key}\u00a0x",
        "Digest username={key}",
        "Basic {key}",
        "Basic {reversed}",
        "Basic {named}",
        "Bearer",
        "Bearer ",
        "",
        " ",
    ],
)
def test_no_other_form_of_the_header_is_taken(closed: Api, table: Table, form: str) -> None:
    key = table.add(*SCOPES)
    named, turned = (base64.b64encode(text.encode()).decode() for text in (f"{key}:", f"{key}:x"))
    assert predict(closed, authorization=form.format(key=key, named=named, reversed=turned)).status == 401


@pytest.mark.parametrize(
    "place", ["x_api_key", "api_key", "cookie", "proxy_authorization", "x_authorization", "x_amz_security_token"]
)
def test_no_other_header_has_a_key(closed: Api, table: Table, place: str) -> None:
    key = table.add(*SCOPES)
    for value in (key, f"Bearer {key}", f"authorization=Bearer {key}"):
        assert predict(closed, **{place: value}).status == 401


@pytest.mark.parametrize("query", ["key={key}", "api_key={key}", "access_token={key}", "authorization=Bearer%20{key}"])
def test_a_key_in_the_query_is_none_and_comes_back_nowhere(closed: Api, table: Table, query: str) -> None:
    key = table.add(*SCOPES)
    answer = closed.ask("GET", "/models", None, query.format(key=key))
    assert answer.status == 401
    assert key not in answer.body.decode() + json.dumps(answer.headers) + json.dumps(closed.printed())


def asked(app: Any, headers: list[tuple[bytes, bytes]], **changed: Any) -> int:
    """The status of a request that a server gives to the application itself."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/predict",
        "raw_path": b"/predict",
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(b"content-type", b"application/json"), *headers],
        **changed,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": BODY.encode(), "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return int(sent[0]["status"])


def test_of_several_keys_none_is_taken(closed: Api, table: Table) -> None:
    """What stands before the server may have looked at another one than the server does."""
    good, bad = ((b"authorization", f"Bearer {key}".encode()) for key in (table.add(*SCOPES), "mlops_x"))
    assert asked(closed.app, [good]) == 200
    for several in ([good, bad], [bad, good], [good, good], [good, (b"authorization", b"")]):
        assert asked(closed.app, several) == 401


def test_behind_a_prefix_a_version_needs_its_scope_and_health_is_open(closed: Api, table: Table) -> None:
    """As with `uvicorn --root-path /ml`, which puts the prefix before every path."""
    champion = [(b"authorization", f"Bearer {table.add('predict')}".encode())]
    path = "/ml/models/diagnosis/versions/1/predict"
    assert asked(closed.app, champion, path=path, root_path="/ml") == 403
    assert asked(closed.app, champion, path="/ml/models/diagnosis/predict", root_path="/ml") == 200
    assert asked(closed.app, [], method="GET", path="/ml/health", root_path="/ml") == 200
    assert asked(closed.app, [], method="GET", path="/health", root_path="/ml") == 200
    for other in ("/mlx/health", "/ml/ml/health", "/ml", "/ml/"):
        assert asked(closed.app, [], method="GET", path=other, root_path="/ml") == 401
    of_one = [(b"authorization", f"Bearer {table.add('predict', models=('diagnosis',))}".encode())]
    assert asked(closed.app, of_one, path="/ml/models/diagnosis/predict", root_path="/ml") == 200
    assert asked(closed.app, of_one, path="/ml/models/churn/predict", root_path="/ml") == 403


def test_behind_a_prefix_what_is_switched_off_is_off(store: Store, open_api: Callable[..., Api]) -> None:
    put_version(store, 1)
    promote(store, 1)
    api = open_api(offer_versions=False, offer_docs=False)
    for path in ("/ml/models/diagnosis/versions/1/predict", "/ml/docs", "/ml/openapi.json"):
        assert asked(api.app, [], method="POST" if "predict" in path else "GET", path=path, root_path="/ml") == 404


@pytest.mark.parametrize("authorization", ["keys", "iam"])
def test_a_websocket_that_was_added_is_closed_before_it_opens(
    store: Store, open_api: Callable[..., Api], table: Table, authorization: str
) -> None:
    put_version(store, 1)
    promote(store, 1)
    keys = KeysTable("keys", table, table.warned.append)
    api = open_api(
        authorization=authorization, checker=Checker(keys.find, keys.touch) if authorization == "keys" else None
    )
    opened: list[str] = []

    @api.app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        opened.append(socket.url.path)
        await socket.accept()

    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    header = (b"authorization", f"Bearer {table.add(*SCOPES)}".encode())
    scope = {"type": "websocket", "path": "/live", "query_string": b"", "headers": [header], "subprotocols": []}
    asyncio.run(api.app(scope, receive, send))
    assert (opened, [message["type"] for message in sent]) == ([], ["websocket.close"])


def explained(answer: Answer) -> bool:
    return b"contributions" in answer.body


@pytest.mark.parametrize(
    "query",
    [
        "explain=true",
        "explain",
        "explain=",
        "explain=1",
        "explain=True",
        "explain=TRUE",
        "explain=true&explain=false",
        "explain=false&explain=true",
        "Explain=true",
        "EXPLAIN=true",
        "explain[]=true",
        "explain%00=true",
        "explain=true%00",
        "+explain=true",
        "explain+=true",
        "%65%78plain=true",
        "a=1;explain=true",
        "a=1%26explain=true",
        "explain=false%26explain=true",
        "?explain=true",
        "explain==true",
        "explain=%2574rue",
        "expla%C3%ADn=true",
    ],
)
def test_no_spelling_of_the_query_explains_without_the_scope(closed: Api, table: Table, query: str) -> None:
    key = bearer(table.add("predict", "versions", "feedback", "read", "operate"))
    for path in ("/predict", "/models/diagnosis/predict", "/models/diagnosis/versions/1/predict"):
        assert not explained(closed.ask("POST", path, BODY, query, content_type="application/json", **key))


@pytest.mark.parametrize("member", ["parameters", "explain", "params"])
def test_no_body_explains_without_the_scope(closed: Api, table: Table, member: str) -> None:
    key = bearer(table.add("predict", "versions"))
    wish: Any = True if member == "explain" else {"explain": True}
    for path, body in (
        ("/predict", {"rows": [ROWS[0]]}),
        ("/invocations", {"dataframe_records": [ROWS[0]]}),
        ("/v2/models/diagnosis/infer", json.loads(TENSORS)),
        ("/v2/models/diagnosis/versions/1/infer", json.loads(TENSORS)),
    ):
        document = json.dumps({**body, member: wish})
        assert not explained(closed.ask("POST", path, document, content_type="application/json", **key))
    assert explained(
        closed.ask(
            "POST",
            "/predict",
            BODY,
            "explain=true",
            content_type="application/json",
            **bearer(table.add("predict", "explain")),
        )
    )


def test_a_body_that_names_another_model_or_version_gets_none_of_it(store: Store, closed: Api, table: Table) -> None:
    put_version(store, 1, model="churn")
    promote(store, 1, model="churn")
    own = bearer(table.add("predict", models=("diagnosis",)))
    for member, value in (("model_name", "churn"), ("model_version", "2"), ("model", "churn")):
        body = json.dumps({**json.loads(TENSORS), member: value})
        answer = closed.ask("POST", "/v2/models/diagnosis/infer", body, content_type="application/json", **own)
        assert answer.status == 422
        assert b"outputs" not in answer.body


def test_each_route_that_names_a_model_is_closed_to_keys_of_others(closed: Api, table: Table) -> None:
    other = bearer(
        table.add(*SCOPES, models=("churn", "versions", "models", "", "*", "diagnosi", "diagnosisx", "DIAGNOSIS"))
    )
    tried = 0
    for route in closed.app.routes:
        assert isinstance(route, Route)
        if "{model}" not in route.path:
            continue
        path = route.path.replace("{model}", "diagnosis").replace("{version}", "1")
        for method in route.methods or ():
            assert closed.ask(method, path, BODY, content_type="application/json", **other).status == 403, (
                method,
                path,
            )
            tried += 1
    assert tried >= 12


@pytest.mark.parametrize(
    "scope", ["predictx", "pred", "PREDICT", "*", "predict ", "read predict", "predict\toperate", "all", ""]
)
def test_a_scope_that_is_like_another_is_none(closed: Api, table: Table, scope: str) -> None:
    key = bearer(table.add(scope, "feedback"))
    assert predict(closed, **key).status == 403
    assert closed.ask("GET", "/models", **key).status == 403


def test_a_name_with_line_breaks_makes_no_line_of_the_log_or_header(closed: Api, table: Table) -> None:
    path = "/models/x%0a%7B%22level%22:%22ERROR%22%7D/predict"
    answer = closed.ask("POST", path, BODY, content_type="application/json", **bearer(table.add(*SCOPES)))
    assert answer.status == 404
    assert "\n" not in "".join(answer.headers.values())
    # printed() parses each line.
    assert all(line.get("level") != "ERROR" for line in closed.printed())


def test_the_host_of_a_request_comes_back_nowhere(closed: Api, table: Table) -> None:
    key = bearer(table.add(*SCOPES))
    for path in ("/", "/docs", "/openapi.json", "/predict/", "/models/"):
        answer = closed.ask("GET", path, host="evil.example", x_forwarded_host="evil.example", **key)
        assert "evil.example" not in answer.body.decode() + json.dumps(answer.headers), path
