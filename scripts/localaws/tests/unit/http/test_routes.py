"""Which route a request takes."""

from __future__ import annotations

import pytest

from localaws.http.routes import Route, find

KEYS = [
    "$default",
    "ANY /{proxy+}",
    "GET /pets",
    "GET /pets/{id}",
    "ANY /pets/{id}",
    "GET /pets/dog/1",
    "ANY /pets/dog/{proxy+}",
    "POST /{kind}/new",
]


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/pets", "GET /pets", {}),
        ("GET", "/pets/", "ANY /{proxy+}", {"proxy": "pets/"}),
        ("GET", "/pets/7/", "ANY /{proxy+}", {"proxy": "pets/7/"}),
        ("GET", "/pets/dog/", "ANY /pets/dog/{proxy+}", {"proxy": ""}),
        ("GET", "/pets/dog//", "ANY /pets/dog/{proxy+}", {"proxy": "/"}),
        ("GET", "/pets/dog", "GET /pets/{id}", {"id": "dog"}),
        ("GET", "/pets/7", "GET /pets/{id}", {"id": "7"}),
        ("PUT", "/pets/7", "ANY /pets/{id}", {"id": "7"}),
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "ANY /pets/dog/{proxy+}", {"proxy": "2"}),
        ("POST", "/cats/new", "POST /{kind}/new", {"kind": "cats"}),
        ("POST", "/a/b%2Fc/d", "ANY /{proxy+}", {"proxy": "a/b/c/d"}),
        ("GET", "/", "$default", {}),
    ],
)
def test_the_most_specific_route_wins(method: str, path: str, key: str, parameters: dict[str, str]) -> None:
    for keys in (KEYS, KEYS[::-1]):
        found = find([Route(key, "f") for key in keys], method, path)
        assert found is not None
        assert (found.route.key, dict(found.parameters)) == (key, parameters)


@pytest.mark.proves("http trailing slashes")
def test_a_slash_at_the_end_makes_another_path() -> None:
    routes = [Route("GET /echo", "f"), Route("GET /pets/{id}", "f"), Route("GET /files/{proxy+}", "f")]
    for path in ("/echo/", "/pets/", "/pets/7/", "/files", "/"):
        assert find(routes, "GET", path) is None, path
    found = find(routes, "GET", "/files/")
    assert found is not None
    assert dict(found.parameters) == {"proxy": ""}


def test_a_request_without_a_route_finds_none() -> None:
    assert find([Route("GET /a", "f"), Route("POST /b/{c}", "f")], "POST", "/a") is None
    assert find([], "GET", "/") is None
