"""RedriveAllowPolicy: which queues may use a queue as their dead-letter queue.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.sqs import models
from moto.sqs.exceptions import SQSException

from localaws.moto_patches import MotoPatches

_NAME = "RedriveAllowPolicy"
_PERMISSIONS = ("allowAll", "byQueue", "denyAll")
_MOST_SOURCES = 10


def install(patches: MotoPatches) -> None:
    """Check the policy where it's set and where it's used, and return it."""
    patches.replace(models.Queue, "_set_attributes", _checked)
    patches.replace(models.Queue, "_setup_dlq", _permitted)
    patches.replace(models.Queue, "attributes", _described)
    patches.add(models.Queue, "redrive_allow_policy", None)
    # The names that a client may ask for; moto reads them from queues with a key.
    patches.replace(models.Queue, "KMS_ATTRIBUTES", lambda names: [*names, _NAME])


def parsed(text: str) -> Mapping[str, Any]:
    """The policy that a text is, {} if it's empty; raises SQSException for one that SQS refuses."""
    if not text:
        return {}
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict) or policy.get("redrivePermission") not in _PERMISSIONS:
        raise _invalid(_NAME, text, f"redrivePermission must be one of {', '.join(_PERMISSIONS)}.")
    sources = policy.get("sourceQueueArns")
    if policy["redrivePermission"] != "byQueue" and sources is not None:
        raise _invalid(_NAME, text, "sourceQueueArns is only for the redrivePermission byQueue.")
    if policy["redrivePermission"] == "byQueue" and not (
        isinstance(sources, list) and 1 <= len(sources) <= _MOST_SOURCES
    ):
        raise _invalid(_NAME, text, f"byQueue needs 1 to {_MOST_SOURCES} sourceQueueArns.")
    return policy


def permits(policy: Mapping[str, Any], source: str) -> bool:
    """Whether the queue with the ARN `source` may use a queue with this policy for its dead letters."""
    if policy.get("redrivePermission") == "byQueue":
        return source in policy["sourceQueueArns"]
    return policy.get("redrivePermission") != "denyAll"


def _checked(original: Callable[..., None]) -> Callable[..., None]:
    def set_attributes(queue: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        parsed(str(attributes.get(_NAME) or ""))
        original(queue, attributes, now)

    return set_attributes


def _permitted(original: Callable[..., Any]) -> Callable[..., Any]:
    def set_up(queue: Any, policy: Any) -> None:
        before = vars(queue).get("redrive_policy"), vars(queue).get("dead_letter_queue")
        original(queue, policy)
        letters = queue.dead_letter_queue
        if letters is not None and not permits(parsed(_policy_of(letters)), queue.queue_arn):
            queue.redrive_policy, queue.dead_letter_queue = before
            raise _invalid(
                "RedrivePolicy", str(policy), f"The {_NAME} of {letters.queue_arn} doesn't allow {queue.queue_arn}."
            )

    return set_up


def _described(original: property) -> property:
    def attributes(queue: Any) -> dict[str, Any]:
        found = {name: value for name, value in original.__get__(queue).items() if name != _NAME}
        policy = _policy_of(queue)
        return found | {_NAME: policy} if policy else found

    return property(attributes)


def _policy_of(queue: Any) -> str:
    return str(queue.redrive_allow_policy or "")


def _invalid(name: str, value: str, reason: str) -> SQSException:
    return SQSException("InvalidParameterValue", f"Value {value} for parameter {name} is invalid. Reason: {reason}")
