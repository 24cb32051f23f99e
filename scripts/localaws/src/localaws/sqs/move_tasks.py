"""Redrive: tasks that move the messages of a dead-letter queue, to where they come from or elsewhere.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
"""

from __future__ import annotations

import base64
import json
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs import responses
from moto.sqs.exceptions import SQSException

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches

_MOST_LISTED = 10
_FASTEST = 500


@dataclass
class MoveTask:
    """A task: its source and destination, whose `destination` is None for the queues that the messages come from."""

    source: str
    destination: str | None
    rate: int | None
    started: int
    total: int
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "RUNNING"
    moved: int = 0
    reason: str | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def handle(self) -> str:
        """What the task is cancelled by."""
        return base64.b64encode(json.dumps({"taskId": self.identifier, "sourceArn": self.source}).encode()).decode()

    def described(self) -> dict[str, Any]:
        """The task as ListMessageMoveTasks describes it."""
        optional = {
            "TaskHandle": self.handle if self.status == "RUNNING" else None,
            "DestinationArn": self.destination,
            "MaxNumberOfMessagesPerSecond": self.rate,
            "FailureReason": self.reason,
        }
        return {
            "Status": self.status,
            "SourceArn": self.source,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.total,
            "StartedTimestamp": self.started,
            **{name: value for name, value in optional.items() if value is not None},
        }


def install(patches: MotoPatches, clock: Clock) -> None:
    """Add the operations, which moto lacks."""

    def start_message_move_task(request: Any) -> ActionResult:
        return ActionResult({"TaskHandle": _start(request.sqs_backend, request.params, clock).handle})

    def list_message_move_tasks(request: Any) -> ActionResult:
        source = _queue(request.sqs_backend, request.params["SourceArn"], "SourceArn")
        most = int(request.params.get("MaxResults") or 1)
        if not 1 <= most <= _MOST_LISTED:
            raise _invalid(
                f"Value {most} for parameter MaxResults is invalid. Reason: must be from 1 to {_MOST_LISTED}."
            )
        return ActionResult({"Results": [task.described() for task in reversed(_tasks(source)[-most:])]})

    def cancel_message_move_task(request: Any) -> ActionResult:
        handle = request.params["TaskHandle"]
        for queue in list(request.sqs_backend.queues.values()):
            for task in _tasks(queue):
                if task.handle == handle and task.status == "RUNNING":
                    task.cancelled.set()
                    task.status = "CANCELLING"
                    return ActionResult({"ApproximateNumberOfMessagesMoved": task.moved})
        raise SQSException("ResourceNotFoundException", "Task does not exist, or isn't running.")

    for operation in (start_message_move_task, list_message_move_tasks, cancel_message_move_task):
        patches.add(responses.SQSResponse, operation.__name__, operation)


def _start(backend: Any, parameters: Any, clock: Clock) -> MoveTask:
    source = _queue(backend, parameters["SourceArn"], "SourceArn")
    if not backend.list_dead_letter_source_queues(source.name):
        raise _invalid("Source queue must be configured as a Dead Letter Queue.")
    destination, rate = parameters.get("DestinationArn"), parameters.get("MaxNumberOfMessagesPerSecond")
    if destination:
        _queue(backend, destination, "DestinationArn")
    if rate is not None and not 1 <= int(rate) <= _FASTEST:
        raise _invalid(
            f"Value {rate} for parameter MaxNumberOfMessagesPerSecond is invalid: it must be 1 to {_FASTEST}."
        )
    if any(task.status in ("RUNNING", "CANCELLING") for task in _tasks(source)):
        raise SQSException("UnsupportedOperation", "There is already a task running. Only one active task is allowed.")
    task = MoveTask(source.queue_arn, destination, rate and int(rate), int(clock.now() * 1000), source._messages.ready)
    _tasks(source).append(task)
    threading.Thread(target=_run, args=(task, backend, source, clock), name="message-move", daemon=True).start()
    return task


def _run(task: MoveTask, backend: Any, source: Any, clock: Clock) -> None:
    """Move the messages that were in the queue at the start, one by one."""
    for _ in range(task.total):
        if task.cancelled.wait(1 / task.rate if task.rate and task.moved else 0):
            task.status = "CANCELLED"
            return
        with source._messages_lock:
            found = source._messages.receive(1, 1.0, lambda _: True)
        if not found:
            break
        (message,) = found
        try:
            target = backend.get_queue((task.destination or message.dead_letter_source or "").rsplit(":", 1)[-1])
        except SQSException:
            with source._messages_lock:
                source._messages.hide(message, 0)
            task.status, task.reason = "FAILED", "CouldNotDetermineMessageSource"
            return
        with source._messages_lock:
            source._messages.remove(message)
        _send(target, message, clock)
        task.moved += 1
    task.status = "COMPLETED"


def _send(target: Any, message: Any, clock: Clock) -> None:
    """Add a message as a new one: with an id, a time and a count of its own."""
    message.id, message.receipt_handle, message.dead_letter_source = str(uuid.uuid4()), None, None
    message.sent_timestamp = int(clock.now() * 1000)
    message.approximate_receive_count, message.approximate_first_receive_timestamp = 0, None
    message.visible_at = message.delayed_until = 0.0
    with target._messages_lock:
        target._messages.append(message)
        target._messages_lock.notify_all()


def _queue(backend: Any, arn: str, parameter: str) -> Any:
    queue = backend.queues.get(arn.rsplit(":", 1)[-1])
    if queue is None or queue.queue_arn != arn:
        raise SQSException(
            "ResourceNotFoundException", f"The resource that you specified for the {parameter} parameter doesn't exist."
        )
    return queue


def _tasks(queue: Any) -> list[MoveTask]:
    """The tasks of a queue, the newest last."""
    tasks: list[MoveTask] = vars(queue).setdefault("localaws_move_tasks", [])
    return tasks


def _invalid(message: str) -> SQSException:
    return SQSException("InvalidParameterValue", message)
