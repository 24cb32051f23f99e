"""How long a task may take, and how long nothing may be heard of it, on local AWS's clock."""

from __future__ import annotations

from collections.abc import Awaitable

from localaws.stepfunctions.concurrency import within
from localaws.stepfunctions.language.errors import HEARTBEAT_TIMEOUT, TIMEOUT, StateError
from localaws.stepfunctions.strand import Strand
from localaws.stepfunctions.tokens import Waiting


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
