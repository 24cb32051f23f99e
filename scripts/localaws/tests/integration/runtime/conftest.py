"""A real emulator, real processes, and handlers of the tests' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from localaws.runtime import FunctionConfig, FunctionPool, Reaper, find_emulator

MakePool = Callable[..., FunctionPool]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def reaper() -> Iterator[Reaper]:
    with Reaper() as reaper:
        yield reaper


@pytest.fixture
def write_code(tmp_path: Path) -> Callable[[str], Path]:
    def write(source: str) -> Path:
        code = tmp_path / "code"
        code.mkdir(exist_ok=True)
        (code / "app.py").write_text(dedent(source))
        return code

    return write


@pytest.fixture
def make_pool(home: Path, reaper: Reaper, write_code: Callable[[str], Path]) -> Iterator[MakePool]:
    pools: list[FunctionPool] = []

    def make(source: str | None = None, *, max_concurrency: int = 2, **config: Any) -> FunctionPool:
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
        pool = FunctionPool(FunctionConfig(**settings), home, find_emulator(home), reaper, max_concurrency)
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close()
