"""Task tokens: tasks that wait until somebody reports their success, failure or a heartbeat."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any

from localaws.stepfunctions.language.errors import StateError


class TokenEnded(Exception):
    """The task of a token has ended."""


class UnknownToken(Exception):
    """No task has had this token."""


@dataclass
class Waiting:
    """A task that waits for its result; `beat` is when it was heard from last."""

    result: asyncio.Future[Any]
    beat: float = 0.0
    heard: asyncio.Event = field(default_factory=asyncio.Event)


class Tokens:
    """The tokens of all tasks. It's used on the loop that runs the executions only."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}

    def open(self) -> str:
        """A new token."""
        token = secrets.token_urlsafe(64)
        self._waiting[token] = Waiting(asyncio.get_running_loop().create_future())
        return token

    def close(self, token: str) -> None:
        """End the wait for a token."""
        self._find(token).result.cancel()

    def waiting(self, token: str) -> Waiting:
        """The task of a token."""
        return self._find(token)

    def succeed(self, token: str, output: Any) -> None:
        """Report the result of a task; raises UnknownToken or TokenEnded."""
        self._open(token).result.set_result(output)

    def fail(self, token: str, error: StateError) -> None:
        """Report the failure of a task; raises UnknownToken or TokenEnded."""
        self._open(token).result.set_exception(error)

    def beat(self, token: str, moment: float) -> None:
        """Report that a task is still at work; raises UnknownToken or TokenEnded."""
        waiting = self._open(token)
        waiting.beat = moment
        waiting.heard.set()

    def forget_all(self) -> None:
        """Forget all tokens."""
        self._waiting.clear()

    def _find(self, token: str) -> Waiting:
        if token not in self._waiting:
            raise UnknownToken("Invalid token")
        return self._waiting[token]

    def _open(self, token: str) -> Waiting:
        waiting = self._find(token)
        if waiting.result.done():
            raise TokenEnded("Task Timed Out: 'Provided task does not exist anymore'")
        return waiting
