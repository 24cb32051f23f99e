"""Tasks of activities, which workers do."""

from __future__ import annotations

from typing import Any

from localaws.stepfunctions.activity_tasks import ActivityTasks
from localaws.stepfunctions.errors import ActivityDoesNotExist
from localaws.stepfunctions.language.data_flow import DataFlow
from localaws.stepfunctions.language.errors import HEARTBEAT_TIMEOUT, TIMEOUT, StateError
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.limits import expired, silent, within_limits
from localaws.stepfunctions.sizes import demand_payload
from localaws.stepfunctions.strand import Strand
from localaws.stepfunctions.tokens import Tokens


class Workers:
    """Hands tasks to workers and waits for what they report."""

    def __init__(self, tokens: Tokens, tasks: ActivityTasks) -> None:
        self._tokens, self._tasks = tokens, tasks

    async def run(self, activity: str, data: DataFlow, value: Any, strand: Strand) -> Any:
        """The result of a task; raises StateError. Its times begin when a worker gets it."""
        token = self._tokens.open()
        try:
            text = demand_payload(await data.arguments(value), f"The input of the activity {activity} is JSON")
            timeout, beat = [await data.number(name, value) for name in ("TimeoutSeconds", "HeartbeatSeconds")]
            times = {"timeoutInSeconds": _whole(timeout), "heartbeatInSeconds": _whole(beat)}
            strand.note("ActivityScheduled", resource=activity, input=text, **times)
            try:
                task = self._tasks.schedule(activity, token, text)
            except ActivityDoesNotExist as missing:
                error = StateError(ActivityDoesNotExist.code, str(missing.message))
                strand.note("ActivityScheduleFailed", **error.details)
                raise error from None
            worker = await task.taken
            strand.note("ActivityStarted", workerName=worker)
            waiting = self._tokens.waiting(token)
            limits = [expired(strand, timeout)] if timeout else []
            if beat:
                limits.append(silent(strand, waiting, beat))
            try:
                result = await within_limits(strand, waiting.result, *limits)
            except StateError as error:
                ending = "TimedOut" if error.error in (TIMEOUT, HEARTBEAT_TIMEOUT) else "Failed"
                strand.note(f"Activity{ending}", **error.details)
                raise
            strand.note("ActivitySucceeded", output=compact(result))
        finally:
            self._tokens.close(token)
        return result


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
