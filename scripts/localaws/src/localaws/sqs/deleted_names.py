"""The name of a deleted queue can't be used again for 60 seconds.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.sqs import models
from moto.sqs.exceptions import SQSException

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches
from localaws.settings import ACCOUNT

_SECONDS = 60


def install(patches: MotoPatches, clock: Clock) -> None:
    """Refuse the creation of a queue whose namesake was deleted within the last 60 seconds of `clock`."""

    def deleting(original: Callable[..., None]) -> Callable[..., None]:
        def delete_queue(backend: Any, queue_name: str) -> None:
            original(backend, queue_name)
            _deleted(backend)[queue_name] = clock.now()

        return delete_queue

    def creating(original: Callable[..., Any]) -> Callable[..., Any]:
        def create_queue(backend: Any, name: str, *args: Any, **options: Any) -> Any:
            when = _deleted(backend).get(name)
            if when is not None and clock.now() < when + _SECONDS:
                raise SQSException(
                    "QueueDeletedRecently",
                    f"You must wait {_SECONDS} seconds after deleting a queue before you can create another with the "
                    "same name.",
                )
            _deleted(backend).pop(name, None)
            return original(backend, name, *args, **options)

        return create_queue

    patches.replace(models.SQSBackend, "delete_queue", deleting)
    patches.replace(models.SQSBackend, "create_queue", creating)


def free(name: str, region: str) -> None:
    """Let a name be used again: CloudFormation, which deletes a queue, has waited until it can be."""
    _deleted(models.sqs_backends[ACCOUNT][region]).pop(name, None)


def _deleted(backend: Any) -> dict[str, float]:
    """Name → when its queue was deleted (seconds since the epoch)."""
    deleted: dict[str, float] = vars(backend).setdefault("localaws_deleted", {})
    return deleted
