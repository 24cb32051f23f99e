"""The loop of these tests, and one good row to ask it with."""

from typing import Any

import pytest

from tests.loops import READY, ROOT, Loop, Started, start

__all__ = ["READY", "ROOT", "Loop", "Started", "start"]


@pytest.fixture
def row(loop: Loop) -> dict[str, Any]:
    """One good row, the one that the API's own documentation shows."""
    document = loop.api.get("/openapi.json").json()
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
    example: dict[str, Any] = body["rows"][0]
    return example
