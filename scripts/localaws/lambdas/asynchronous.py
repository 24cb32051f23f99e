"""Asynchronous invocations: queued, retried, and handed on when they end."""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from localaws.lambdas.functions import Functions, Outcome
from localaws.runtime.errors import PoolClosed
from localaws.targets import Targets

logger = logging.getLogger(__name__)
_MAX_AGE = 6 * 3600
_RETRIES = 2


@dataclass(frozen=True)
class _Event:
    name: str
    qualifier: str | None
    payload: bytes
    request_id: str
    attempt: int = 1
    born: float = field(default_factory=time.time)


class AsyncInvoker:
    """Runs events in the background; a failed one is tried twice more, then goes to the dead-letter queue.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """

    def __init__(self, functions: Functions, targets: Callable[[], Targets], delays: tuple[float, float]) -> None:
        self._functions, self._targets, self._delays = functions, targets, delays
        self._workers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="async-invoke")
        self._waiting: list[tuple[float, int, _Event]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._open = True
        self._clock = threading.Thread(target=self._run, name="async-retries", daemon=True)
        self._clock.start()

    def submit(self, name: str, qualifier: str | None, payload: bytes, request_id: str | None = None) -> str:
        """Queue an event; returns its request id, which every attempt has."""
        event = _Event(name, qualifier, payload, request_id or str(uuid.uuid4()))
        self._schedule(event, 0)
        return event.request_id

    def close(self) -> None:
        """Drop what waits for a retry and let running invocations end."""
        with self._changed:
            self._open = False
            self._changed.notify()
        self._clock.join()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _schedule(self, event: _Event, delay: float) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + delay, next(self._order), event))
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while self._open:
                wait = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    self._workers.submit(self._attempt, heapq.heappop(self._waiting)[2])
                else:
                    self._changed.wait(wait)

    def _attempt(self, event: _Event) -> None:
        try:
            function: Any = self._functions.resolve(event.name, event.qualifier)
            outcome = self._functions.invoke(event.name, event.qualifier, event.payload, request_id=event.request_id)
        except UnknownFunctionException:
            logger.warning("An asynchronous invocation was dropped: there's no function %s.", event.name)
            return
        except PoolClosed:
            return  # local AWS is stopping
        except Exception:
            logger.exception("Function %s could not be run for an asynchronous invocation.", event.name)
            return
        config = function.event_invoke_config[0].config if function.event_invoke_config else {}
        destinations = config.get("DestinationConfig", {})
        if not outcome.invocation.error:
            self._hand_on(event, function, outcome, "Success", destinations.get("OnSuccess"))
            return
        retries = int(config.get("MaximumRetryAttempts", _RETRIES))
        too_old = time.time() - event.born > int(config.get("MaximumEventAgeInSeconds", _MAX_AGE))
        if event.attempt <= retries and not too_old:
            self._schedule(replace(event, attempt=event.attempt + 1), self._delays[event.attempt - 1])
            return
        self._dead_letter(event, function, outcome)
        condition = "EventAgeExceeded" if too_old else "RetriesExhausted"
        self._hand_on(event, function, outcome, condition, destinations.get("OnFailure"))

    def _dead_letter(self, event: _Event, function: Any, outcome: Outcome) -> None:
        arn = function.localaws_settings.get("DeadLetterConfig", {}).get("TargetArn")
        if not arn:
            return
        answer = _decoded(outcome.invocation.payload)
        message = str(answer.get("errorMessage", "")) if isinstance(answer, dict) else ""
        attributes = {"RequestID": event.request_id, "ErrorCode": "200", "ErrorMessage": message[:1024]}
        self._targets().send(arn, event.payload.decode(), attributes)

    def _hand_on(
        self, event: _Event, function: Any, outcome: Outcome, condition: str, destination: dict[str, str] | None
    ) -> None:
        if not destination or not destination.get("Destination"):
            return
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": outcome.version}
        if outcome.invocation.error:
            context["functionError"] = outcome.invocation.error
        record = {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": event.request_id,
                "functionArn": f"{function.function_arn.split(':function:')[0]}:function:"
                f"{function.function_name}:{event.qualifier or '$LATEST'}",
                "condition": condition,
                "approximateInvokeCount": event.attempt,
            },
            "requestPayload": _decoded(event.payload),
            "responseContext": context,
            "responsePayload": _decoded(outcome.invocation.payload),
        }
        self._targets().send(destination["Destination"], json.dumps(record), {})


def _decoded(payload: bytes) -> Any:
    return json.loads(payload) if payload else None
