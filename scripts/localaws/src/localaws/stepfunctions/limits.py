"""How long a task may take, and how long nothing may be heard of it, on local AWS's clock."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from localaws.stepfunctions.concurrency import within
from localaws.stepfunctions.language.choices import is_number
from localaws.stepfunctions.language.data_flow import DataFlow
from localaws.stepfunctions.language.errors import HEARTBEAT_TIMEOUT, RUNTIME, TIMEOUT, DataError, StateError
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.strand import Strand
from localaws.stepfunctions.tokens import Waiting


def seconds_of(data: DataFlow, name: str, value: Any) -> float | None:
    """TimeoutSeconds or HeartbeatSeconds of a state, or None; raises DataError."""
    found = data.field(name, value)
    if found is None:
        return None
    if not is_number(found) or found <= 0:
        raise DataError(RUNTIME, f"The field '{name}' must be a positive number, not {compact(found)}.")
    return float(found)


class OutOfTime(StateError):
    """A limit was reached; `lag` is by how much the strand was behind the clock when it learned of it."""

    def __init__(self, error: str | None, lag: float) -> None:
        super().__init__(error)
        self.lag = lag


async def within_limits[T](strand: Strand, work: Awaitable[T], *limits: Awaitable[OutOfTime]) -> T:
    """The result of some work; if one of `limits` ends first, its error is raised, and the strand is at its moment."""
    try:
        return await within(work, *limits)
    except OutOfTime as error:
        strand.lag = error.lag
        raise


async def expired(strand: Strand, seconds: float) -> OutOfTime:
    """Ends after a time."""
    waits = strand.fork()
    await waits.reach(strand.now() + seconds)
    return OutOfTime(TIMEOUT, waits.lag)


async def silent(strand: Strand, waiting: Waiting, seconds: float) -> OutOfTime:
    """Ends once a task hasn't been heard from for a time."""
    waiting.beat = strand.now()
    while True:
        heard, waits = waiting.beat, strand.fork()
        await waits.reach(heard + seconds)
        if waiting.beat == heard:
            return OutOfTime(HEARTBEAT_TIMEOUT, waits.lag)
