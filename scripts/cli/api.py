"""One request to the stack's API, and its problem document as an error."""

import json
import os
from typing import Any

import httpx

from cli.errors import CommandError

KEY_VARIABLE = "MLOPS_API_KEY"


def connect(url: str, timeout: float, key: str | None = None) -> httpx.Client:
    """A client of the API at `url`, with a key: the given one, or that of the environment."""
    client = httpx.Client(base_url=url, timeout=timeout)
    if sent := key or os.environ.get(KEY_VARIABLE):
        client.headers["authorization"] = f"Bearer {sent}"
    return client


def call(api: httpx.Client, method: str, path: str, body: Any = None) -> Any:
    """The JSON of an answer. Raises CommandError with the problem's title, detail and errors, or the reason."""
    try:
        response = api.request(method, path, json=body)
    except httpx.TransportError as error:
        raise CommandError(f"{api.base_url} doesn't answer: {error}") from error
    if response.is_success:
        return response.json()
    try:
        problem = response.json()
    except json.JSONDecodeError:
        problem = {}
    lines = [f"{response.status_code} {problem.get('title', response.reason_phrase)}: {problem.get('detail', '')}"]
    lines += [f"  {error.get('message', error)}" for error in problem.get("errors", [])]
    raise CommandError("\n".join(lines))
