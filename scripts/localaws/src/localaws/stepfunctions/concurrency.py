"""Runs several coroutines at once, up to a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence


async def run_all[T](work: Sequence[Callable[[], Awaitable[T]]], limit: int) -> list[T]:
    """The results of all, at most `limit` of them at once; the first failure cancels the others and is raised."""
    slots = asyncio.Semaphore(limit)

    async def one(run: Callable[[], Awaitable[T]]) -> T:
        async with slots:
            return await run()

    tasks = [asyncio.ensure_future(one(run)) for run in work]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        failed = next((task for task in tasks if task.done() and task.exception()), None)
        if failed:
            await failed
        return [await task for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def within[T](work: Awaitable[T], *limits: Awaitable[BaseException]) -> T:
    """The result of some work; if one of `limits` ends first, the work is cancelled and the limit's error raised."""
    running = asyncio.ensure_future(work)
    waiting = [asyncio.ensure_future(limit) for limit in limits]
    try:
        await asyncio.wait([running, *waiting], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            return await running
        raise next(each.result() for each in waiting if each.done())
    finally:
        for task in (running, *waiting):
            task.cancel()
        await asyncio.gather(running, *waiting, return_exceptions=True)
