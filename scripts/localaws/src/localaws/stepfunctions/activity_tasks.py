"""The tasks of activities that wait for a worker, and the workers that wait for a task."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class ActivityTask:
    """A task that waits for a worker; the name of the worker that gets it is the result of `taken`."""

    token: str
    input: str
    taken: asyncio.Future[str | None]


class ActivityTasks:
    """The tasks of all activities, by ARN, the oldest first. It's used on the loop that runs the executions only.

    `check` raises ActivityDoesNotExist for an ARN.
    """

    def __init__(self, check: Callable[[str], object]) -> None:
        self._check = check
        self._tasks: defaultdict[str, deque[ActivityTask]] = defaultdict(deque)
        self._workers: defaultdict[str, deque[asyncio.Future[None]]] = defaultdict(deque)
        self._polls: set[asyncio.Task[object]] = set()

    def schedule(self, activity: str, token: str, text: str) -> ActivityTask:
        """Let a task wait for a worker; raises ActivityDoesNotExist.

        If `taken` of the task is cancelled, no worker gets it any more.
        """
        self._check(activity)
        task = ActivityTask(token, text, asyncio.get_running_loop().create_future())
        self._tasks[activity].append(task)
        self._call_worker(activity)
        return task

    async def take(self, activity: str, worker: str | None, seconds: float) -> ActivityTask | None:
        """The oldest task of an activity, which is waited for; None if there's none within `seconds`.

        Raises ActivityDoesNotExist.
        """
        # Looked at on the loop, so that a deletion either refuses this worker or finds it waiting.
        self._check(activity)
        poll = asyncio.current_task()
        assert poll
        self._polls.add(poll)
        poll.add_done_callback(self._polls.discard)
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            tasks = self._tasks[activity]
            while tasks:
                task = tasks.popleft()
                if not task.taken.done():
                    task.taken.set_result(worker)
                    return task
            called = loop.create_future()
            self._workers[activity].append(called)
            _, waiting = await asyncio.wait([called], timeout=until - loop.time())
            if waiting or called.cancelled():
                called.cancel()
                return None

    def dismiss(self, activity: str) -> None:
        """Let the workers go that wait for an activity's tasks."""
        for called in self._workers.pop(activity, ()):
            called.cancel()

    async def forget_all(self) -> None:
        """Forget all tasks, and let all workers go; returns once they have gone."""
        self._tasks.clear()
        for activity in list(self._workers):
            self.dismiss(activity)
        await asyncio.gather(*self._polls, return_exceptions=True)

    def _call_worker(self, activity: str) -> None:
        workers = self._workers[activity]
        while workers:
            called = workers.popleft()
            if not called.done():
                called.set_result(None)
                return
