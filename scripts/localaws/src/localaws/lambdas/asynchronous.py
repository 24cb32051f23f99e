"""Asynchronous invocations: the queue, retries, dead-letter queues and destinations."""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from localaws.iam.sender import Sender
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.function_names import split
from localaws.lambdas.functions import Functions, Outcome
from localaws.lambdas.invoke_configs import InvokeConfigs
from localaws.metrics import Meter
from localaws.runtime.errors import PoolClosed
from localaws.targets import Targets, service_of

logger = logging.getLogger(__name__)
_MAX_AGE = 6 * 3600
_RETRIES = 2
# A throttled event isn't an attempt: it's delayed, doubling up to AWS's five minutes, until its maximum age.
_THROTTLED_DELAYS = (0.5, 300.0)


@dataclass(frozen=True)
class _Event:
    name: str
    qualifier: str | None
    payload: bytes
    request_id: str
    attempt: int = 1
    throttled: int = 0
    created: float = field(default_factory=time.time)


class Growth:
    """How many asynchronous calls run at once: few, so that a burst of short ones doesn't start a sandbox for each.

    If none of them ends for a moment, more may run, up to the account's limit: they may wait for calls in the queue.
    """

    _FEW, _STEP, _PATIENCE = 16, 8, 0.25

    def __init__(self, most: int) -> None:
        self._most = most
        self._allowed = min(self._FEW, most)
        self._running = 0
        self._progressed = 0.0

    def wait(self, now: float) -> float:
        """The seconds until another call may run, 0 if it may now."""
        if self._running >= self._allowed and now - self._progressed >= self._PATIENCE:
            self._allowed = min(self._allowed + self._STEP, self._most)
            self._progressed = now
        if self._running < self._allowed:
            return 0.0
        return max(self._PATIENCE - (now - self._progressed), 0.001)

    def begin(self) -> None:
        """Count a call."""
        self._running += 1

    def end(self, now: float) -> None:
        """Count a call that has ended."""
        self._running -= 1
        self._progressed = now
        if self._running < self._FEW:
            self._allowed = min(self._FEW, self._most)


class AsyncInvoker:
    """Runs events in the background; a failed one is retried twice, then sent to the dead-letter queue.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """

    def __init__(
        self,
        functions: Functions,
        configs: InvokeConfigs,
        targets: Callable[[], Targets],
        delays: tuple[float, float],
        meter: Meter,
        concurrency: int,
    ) -> None:
        self._functions, self._configs, self._targets, self._delays = functions, configs, targets, delays
        self._meter = meter
        self._workers = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="async-invoke")
        self._growth = Growth(concurrency)
        self._waiting: list[tuple[float, int, _Event]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._open = True
        self._clock = threading.Thread(target=self._run, name="async-retries", daemon=True)
        self._clock.start()

    def submit(self, name: str, qualifier: str | None, payload: bytes, request_id: str | None = None) -> str:
        """Queue an event; returns its request id, which is the same for every attempt."""
        event = _Event(name, qualifier, payload, request_id or str(uuid.uuid4()))
        self._meter.event("AsyncEventsReceived", *split(name, qualifier))
        self._schedule(event, 0)
        return event.request_id

    @property
    def waiting(self) -> int:
        """How many events wait for their first attempt or the next one."""
        with self._changed:
            return len(self._waiting)

    def forget(self) -> None:
        """Drop all queued events and retries."""
        with self._changed:
            self._waiting.clear()

    def close(self) -> None:
        """Drop all queued events and retries; running invocations continue."""
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
                now = time.monotonic()
                wait = self._waiting[0][0] - now if self._waiting else None
                if wait is not None and wait <= 0:
                    wait = self._growth.wait(now)
                    if wait <= 0:
                        self._growth.begin()
                        self._workers.submit(self._run_one, heapq.heappop(self._waiting)[2])
                        continue
                self._changed.wait(wait)

    def _run_one(self, event: _Event) -> None:
        try:
            self._attempt(event)
        finally:
            with self._changed:
                self._growth.end(time.monotonic())
                self._changed.notify()

    def _attempt(self, event: _Event) -> None:
        config: Mapping[str, Any] = self._configs.of(*split(event.name, event.qualifier))
        too_old = time.time() - event.created > int(config.get("MaximumEventAgeInSeconds") or _MAX_AGE)
        try:
            function: Any = self._functions.resolve(event.name, event.qualifier)
            self._meter.event(
                "AsyncEventAge", *split(event.name, event.qualifier), 1000 * (time.time() - event.created)
            )
            outcome = self._functions.invoke(
                event.name, event.qualifier, event.payload, request_id=event.request_id, waits=False
            )
        except UnknownFunctionException:
            logger.warning("An asynchronous invocation was dropped: function %s doesn't exist.", event.name)
            return
        except TooManyRequests:
            if function.reserved_concurrency == 0:
                self._give_up(event, function, None, "ZeroReservedConcurrency", config)
            elif too_old:
                self._give_up(event, function, None, "EventAgeExceeded", config)
            else:
                least, most = _THROTTLED_DELAYS
                self._schedule(replace(event, throttled=event.throttled + 1), min(most, least * 2**event.throttled))
            return
        except PoolClosed:
            return  # local AWS is stopping
        except Exception:
            logger.exception("Function %s could not be run for an asynchronous invocation.", event.name)
            return
        if not outcome.invocation.error:
            destination = (config.get("DestinationConfig") or {}).get("OnSuccess")
            self._send_to_destination(event, function, outcome, "Success", destination)
            return
        retries = config.get("MaximumRetryAttempts")
        if event.attempt <= (_RETRIES if retries is None else int(retries)) and not too_old:
            self._schedule(replace(event, attempt=event.attempt + 1), self._delays[event.attempt - 1])
            return
        self._give_up(event, function, outcome, "EventAgeExceeded" if too_old else "RetriesExhausted", config)

    def _give_up(
        self, event: _Event, function: Any, outcome: Outcome | None, condition: str, config: Mapping[str, Any]
    ) -> None:
        self._meter.event("AsyncEventsDropped", *split(event.name, event.qualifier))
        self._dead_letter(event, function, outcome)
        self._send_to_destination(
            event, function, outcome, condition, (config.get("DestinationConfig") or {}).get("OnFailure")
        )

    def _dead_letter(self, event: _Event, function: Any, outcome: Outcome | None) -> None:
        arn = function.localaws_settings.get("DeadLetterConfig", {}).get("TargetArn")
        if not arn:
            return
        answer = _decoded(outcome.invocation.payload) if outcome else {"errorMessage": "Rate Exceeded."}
        message = str(answer.get("errorMessage", "")) if isinstance(answer, dict) else ""
        code = 200 if outcome else 429
        attributes: dict[str, str | int] = {
            "RequestID": event.request_id,
            "ErrorCode": code,
            "ErrorMessage": message[:1024],
        }
        if self._targets().send(_sender(function), arn, event.payload.decode(), attributes):
            self._meter.event("DeadLetterErrors", *split(event.name, event.qualifier))

    def _send_to_destination(
        self, event: _Event, function: Any, outcome: Outcome | None, condition: str, destination: dict[str, str] | None
    ) -> None:
        if not destination or not destination.get("Destination"):
            return
        name, qualifier = split(event.name, event.qualifier)
        prefix = function.function_arn.split(":function:")[0]
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": event.request_id,
                "functionArn": f"{prefix}:function:{name}:{qualifier or '$LATEST'}",
                "condition": condition,
                "approximateInvokeCount": event.attempt,
            },
            "requestPayload": _decoded(event.payload),
        }
        if outcome:
            record["responseContext"] = {"statusCode": 200, "executedVersion": outcome.version}
            if outcome.invocation.error:
                record["responseContext"]["functionError"] = outcome.invocation.error
            record["responsePayload"] = _decoded(outcome.invocation.payload)
        arn = destination["Destination"]
        body = json.dumps(_bus_event(record, arn) if service_of(arn) == "events" else record)
        if self._targets().send(_sender(function), arn, body, {}):
            self._meter.event("DestinationDeliveryFailures", name, qualifier)


def _sender(function: Any) -> Sender:
    """Lambda delivers by the function's role."""
    return Sender("lambda.amazonaws.com", function.function_arn, function.role)


def _bus_event(record: dict[str, Any], arn: str) -> dict[str, Any]:
    """The record as an event for a bus."""
    succeeded = record["requestContext"]["condition"] == "Success"
    function = record["requestContext"]["functionArn"]
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": f"Lambda Function Invocation Result - {'Success' if succeeded else 'Failure'}",
        "source": "lambda",
        "account": function.split(":")[4],
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": function.split(":")[3],
        "resources": [arn, function],
        "detail": record,
    }


def _decoded(payload: bytes) -> Any:
    return json.loads(payload) if payload else None
