"""HEAD wherever GET is, and a slash too many or too few leads to where the client asked, however it asked."""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi import Response

from tests.unit.mlops.serving.artifacts import ROWS
from tests.unit.mlops.serving.harness import Api

GETS = [
    *("/", "/health", "/ping", "/version", "/docs", "/docs/swagger-ui.css", "/openapi.json"),
    *("/models", "/models/diagnosis", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/diagnosis"),
    *("/v2/models/diagnosis/ready", "/v2/models/diagnosis/versions/1", "/v2/models/diagnosis/versions/1/ready"),
]
MISSING = ["/nowhere", "/models/none", "/v2/models/none", "/docs/none", "/predict", "/v2/models/diagnosis/infer"]
POSTS = ["/predict", "/invocations", "/models/diagnosis/predict", "/models/diagnosis/versions/1/predict"]


@pytest.mark.parametrize("path", [*GETS, *MISSING])
def test_head_is_get_without_its_body(api: Api, path: str) -> None:
    got, head = api.ask("GET", path), api.ask("HEAD", path)
    assert (head.status, head.body) == (got.status, b"")
    assert head.headers == got.headers
    assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize("path", ["/health", "/ping", "/v2/health/ready"])
def test_head_of_a_check_that_fails_is_503(open_api: Callable[..., Api], path: str) -> None:
    answer = open_api().ask("HEAD", path)
    assert (answer.status, answer.body) == (503, b"")


def test_a_route_that_was_added_answers_head_by_its_get_or_by_itself(api: Api) -> None:
    api.app.get("/by-get")(lambda: {"a": 1})
    api.app.get("/by-itself")(lambda: {"a": 1})
    api.app.head("/by-itself")(lambda: Response(headers={"x-by": "itself"}))
    assert (api.ask("HEAD", "/by-get").status, api.ask("HEAD", "/by-get").body) == (200, b"")
    assert api.ask("HEAD", "/by-itself").headers["x-by"] == "itself"
    assert api.ask("HEAD", "/by-get/").status == 307


@pytest.mark.parametrize("path", [*GETS, *MISSING, *POSTS, "*"])
def test_options_is_no_server_error(api: Api, path: str) -> None:
    answer = api.ask("OPTIONS", path)
    assert answer.status in (404, 405)
    assert (answer.status == 405) == ("allow" in answer.headers)


BASES = ["http://127.0.0.1:3000", "https://x.execute-api.eu-central-1.amazonaws.com", "https://x.com/prod"]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    ("method", "path"), [*(("GET", path) for path in GETS[1:]), *(("POST", path) for path in POSTS)]
)
def test_a_slash_too_many_leads_to_the_path_itself_wherever_that_was_asked(
    api: Api, base: str, method: str, path: str
) -> None:
    answer = api.ask(method, f"{path}/", query="a=%2F&b", host=urlsplit(base).netloc)
    assert answer.status == 307, "it keeps the method and the body"
    assert urljoin(f"{base}{path}/?a=%2F&b", answer.headers["location"]) == f"{base}{path}?a=%2F&b"


def test_a_slash_too_few_leads_to_a_route_that_was_added_with_one(api: Api) -> None:
    api.app.get("/added:it/")(lambda: "there")
    answer = api.ask("GET", "/added:it")
    assert answer.status == 307
    assert urljoin("http://x/added:it", answer.headers["location"]).replace("%3A", ":") == "http://x/added:it/"


def test_a_name_that_looks_like_an_address_stays_a_path_of_this_host(api: Api) -> None:
    for path in ("/models/https:%2F%2Fevil.com/", "/models/%0D%0Ax-evil:1/", "/models/evil.com:1/", "/docs/\\evil/"):
        answer = api.ask("GET", path)
        assert answer.status in (307, 404)
        where = urlsplit(urljoin(f"http://here{path}", answer.headers.get("location", "")))
        assert (where.scheme, where.netloc) == ("http", "here")
        assert "x-evil" not in answer.headers


@pytest.mark.parametrize("path", ["//health", "//", "/health//", "///", "//evil.com/", "/nowhere/", "/models//"])
def test_other_slashes_are_not_found(api: Api, path: str) -> None:
    answer = api.ask("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json["instance"] == path


def test_a_post_that_follows_the_redirect_is_answered(api: Api) -> None:
    where = urljoin("/predict/", api.predict(ROWS[0], path="/predict/").headers["location"])
    assert api.predict(ROWS[0], path=where).status == 200


@pytest.mark.parametrize("path", ["/models", "/models/diagnosis", "/openapi.json", "/health", "/v2", "/ping"])
def test_a_wrong_method_names_head_where_get_is(api: Api, path: str) -> None:
    answer = api.ask("DELETE", path)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
