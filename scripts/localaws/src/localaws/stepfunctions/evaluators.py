"""Evaluates the JSONata of states: in processes of its own, or where it's called."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from localaws.stepfunctions.language import jsonata, jsonata_worker
from localaws.stepfunctions.language.errors import QUERY_EVALUATION_ERROR, DataError
from localaws.stepfunctions.language.jsonata import Known

# CPU time of an evaluation, in seconds.
_LONGEST = 10.0
# Evaluations at once, and processes that are kept for later ones.
_MOST, _KEPT = 8, 2


class InPlace:
    """Evaluates in the thread that calls it."""

    async def fill(self, template: Any, known: Known, field: str) -> Any:
        """The value of a template."""
        return jsonata.fill(template, known, field)


class Processes:
    """Evaluates in other processes, which are started when they're needed and end if an evaluation takes too long."""

    def __init__(self, seconds: float = _LONGEST) -> None:
        self._seconds = seconds
        self._slots = asyncio.Semaphore(_MOST)
        self._idle: list[asyncio.subprocess.Process] = []

    async def fill(self, template: Any, known: Known, field: str) -> Any:
        """The value of a template; one without expressions needs no process."""
        if not jsonata.has_expressions(template):
            return template
        request = jsonata_worker.message([template, dict(known.variables), known.now, field])
        async with self._slots:
            answer = json.loads(await self._answer(request, field))
        if "value" in answer:
            return answer["value"]
        raise DataError(**answer)

    async def close(self) -> None:
        """End all processes that wait."""
        for process in self._idle:
            await _end(process)
        self._idle.clear()

    async def _answer(self, request: bytes, field: str) -> bytes:
        process = self._idle.pop() if self._idle else await self._start()
        is_kept = False
        try:
            answer = await _ask(process, request)
            is_kept = len(self._idle) < _KEPT
        except (asyncio.IncompleteReadError, ConnectionError):
            raise DataError(QUERY_EVALUATION_ERROR, self._reason(await process.wait(), field), field) from None
        finally:
            if is_kept:
                self._idle.append(process)
            else:
                await _end(process)
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        # A session of its own: Ctrl-C is for local AWS alone, whose end is the end of the standard input.
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            jsonata_worker.__name__,
            str(self._seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )

    def _reason(self, code: int, field: str) -> str:
        if code == -jsonata_worker.OUT_OF_TIME:
            return f"The JSONata expression of the field '{field}' took longer than {self._seconds:g} s of CPU time."
        return f"The evaluation of the field '{field}' ended with the code {code}."


async def _ask(process: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(jsonata_worker.LENGTH_BYTES))
    return await process.stdout.readexactly(length)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
