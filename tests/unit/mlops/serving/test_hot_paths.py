"""Hot paths are answered ahead of FastAPI's layers, and look the same from outside."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops.serving.hot_paths import HotEndpoint, HotPaths


async def _answer(request: Request) -> Response:
    if wrong := request.query_params.get("raise"):
        raise {"http": HTTPException(409, "taken"), "known": KeyError("known"), "unknown": RuntimeError("bug")}[wrong]
    body = await request.body()
    return PlainTextResponse(f"{request.path_params.get('name')} {body.decode()} {request.scope['root_path']}")


async def _known(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"known: {error}", 418)


async def _failed(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"failed: {error}", 500)


class _Counter:
    """Counts the requests that reach an application's own layers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.count += 1
        await self._app(scope, receive, send)


@pytest.fixture
def plain() -> FastAPI:
    endpoint = HotEndpoint(_answer)
    paths = ("/ask", "/things/{name}/ask")
    routes: list[BaseRoute] = [Route(path, endpoint, methods=["POST"]) for path in paths]
    return FastAPI(
        routes=[*routes, Route("/health", _answer)],
        exception_handlers={KeyError: _known, Exception: _failed},
    )


@pytest.fixture
def layers(plain: FastAPI) -> _Counter:
    return _Counter(plain.build_middleware_stack())


class _InApp:
    """Puts the application into the scope, as FastAPI does around its layers."""

    def __init__(self, plain: FastAPI, stack: ASGIApp) -> None:
        self._plain = plain
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self._plain
        await self._stack(scope, receive, send)


@pytest.fixture
def hot(plain: FastAPI, layers: _Counter) -> ASGIApp:
    return _InApp(plain, HotPaths(layers, plain.routes))


def ask(app: ASGIApp, method: str, path: str, *, root: str = "", raises: bool = False) -> httpx.Response:
    """The answer of an application below `root`; with `raises` its errors are raised here."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=raises, root_path=root)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.request(method, path, content=b"please")

    return asyncio.run(send())


@pytest.mark.parametrize("path", ["/ask", "/things/one/ask"])
def test_a_hot_path_never_reaches_the_layers(hot: ASGIApp, layers: _Counter, path: str) -> None:
    assert ask(hot, "POST", path).status_code == 200
    assert layers.count == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/ask", 200),
        ("POST", "/things/one/ask", 200),
        ("POST", "/things/a%20b/ask", 200),
        ("POST", "/ask?raise=http", 409),
        ("POST", "/ask?raise=known", 418),
        ("POST", "/things/one/ask?raise=unknown", 500),
        ("GET", "/ask", 405),
        ("POST", "/things/ask", 404),
        ("POST", "/other/ask", 404),
        ("GET", "/health", 200),
        ("POST", "/health", 405),
    ],
)
def test_answers_are_the_same_as_through_all_layers(
    hot: ASGIApp, plain: FastAPI, method: str, path: str, status: int
) -> None:
    found, expected = ask(hot, method, path), ask(plain, method, path)
    assert (found.status_code, found.text) == (expected.status_code, expected.text)
    assert {**found.headers} == {**expected.headers}
    assert found.status_code == status


def test_a_path_below_a_root_is_hot_too(hot: ASGIApp, layers: _Counter) -> None:
    assert ask(hot, "POST", "/stage/things/one/ask", root="/stage").text == "one please /stage"
    assert layers.count == 0


def test_an_unknown_error_is_still_raised_for_who_stands_around(hot: ASGIApp) -> None:
    with pytest.raises(RuntimeError, match="bug"):
        ask(hot, "POST", "/ask?raise=unknown", raises=True)
