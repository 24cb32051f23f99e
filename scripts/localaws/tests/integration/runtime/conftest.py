"""A real emulator, real processes, and handlers of the tests' own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from localaws.runtime import FunctionConfig, FunctionPool, Launcher, Reaper, find_emulator
from localaws.runtime.isolation import find_obstacle

MakePool = Callable[..., FunctionPool]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder, in a folder of its own."""
    home = tmp_path_factory.mktemp("home") / "state"
    home.mkdir()
    return home


@pytest.fixture(scope="session")
def reaper() -> Iterator[Reaper]:
    with Reaper() as reaper:
        yield reaper


@pytest.fixture(scope="session")
def launcher(reaper: Reaper) -> Iterator[Launcher]:
    with Launcher(reaper) as launcher:
        yield launcher


@pytest.fixture(scope="session")
def obstacle(launcher: Launcher, home: Path) -> str | None:
    """Why sandboxes can't have a root file system of their own on this machine."""
    return find_obstacle(launcher, home)


@pytest.fixture
def own_root(obstacle: str | None) -> None:
    """Skips a test of what only a root of a sandbox's own gives."""
    if obstacle:
        pytest.skip(f"sandboxes can't have a root of their own: {obstacle}")


@pytest.fixture
def write_code(tmp_path: Path) -> Callable[[str], Path]:
    def write(source: str) -> Path:
        code = tmp_path / "code"
        code.mkdir(exist_ok=True)
        (code / "app.py").write_text(dedent(source))
        return code

    return write


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket that a handler can connect to, to say where it is: it has no file in common with the test."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        yield listener


@pytest.fixture
def make_pool(
    home: Path, launcher: Launcher, obstacle: str | None, write_code: Callable[[str], Path]
) -> Iterator[MakePool]:
    pools: list[FunctionPool] = []

    def make(
        source: str | None = None, *, max_concurrency: int = 2, isolated: bool = obstacle is None, **config: Any
    ) -> FunctionPool:
        if source is not None:
            config["code"] = write_code(source)
        settings: dict[str, Any] = {
            "name": "fn",
            "environment": {},
            "timeout": 5,
            "memory": 128,
            "region": "eu-west-1",
            "handler": "app.handler",
            "in_place": True,
            **config,
        }
        function = FunctionConfig(**settings)
        pool = FunctionPool(function, home, find_emulator(home), launcher, max_concurrency, isolated=isolated)
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close()
