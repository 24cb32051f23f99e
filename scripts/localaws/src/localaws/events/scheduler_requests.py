"""Requests of EventBridge Scheduler that moto takes otherwise: client tokens, groups, windows, whole updates.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.scheduler import models, responses
from moto.scheduler.exceptions import ScheduleGroupNotFound, ValidationException

from localaws.moto_patches import MotoPatches

_DEFAULT_GROUP = "default"
_NO_ACTION = "NONE"


class Conflict(JsonRESTError):
    """Something of this name exists, or another request had this client token."""

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


def install(patches: MotoPatches) -> None:
    """Make moto's Scheduler take requests as AWS does."""
    response, backend = responses.EventBridgeSchedulerResponse, models.EventBridgeSchedulerBackend
    for name in ("create_schedule", "update_schedule", "create_schedule_group"):
        patches.replace(response, name, partial(_once, name))
    patches.replace(response, "update_schedule", _replacing)
    patches.replace(models.Schedule, "to_dict", _with_defaults)
    patches.replace(backend, "create_schedule_group", _creating_group)
    patches.replace(backend, "delete_schedule_group", _deleting_group)


def check_times(start: float | None, end: float | None, window: Mapping[str, Any]) -> None:
    """Raise for a schedule that ends before it starts, or that has the minutes of a window without one."""
    if start is not None and end is not None and end <= start:
        raise ValidationException("The EndDate you specify must come after the StartDate.")
    if window.get("Mode") == "OFF" and window.get("MaximumWindowInMinutes") is not None:
        raise ValidationException("MaximumWindowInMinutes can't be specified if the Mode of FlexibleTimeWindow is OFF.")


def _once(operation: str, original: Callable[[Any], str]) -> Callable[[Any], str]:
    def request(handler: Any) -> str:
        """Answer a request that is repeated with its client token as the first one."""
        given = json.loads(handler.body or "{}")
        token = given.pop("ClientToken", None)
        if not token:
            return original(handler)
        answers: dict[str, tuple[str, str]] = vars(handler.scheduler_backend).setdefault("localaws_tokens", {})
        what = json.dumps([operation, handler.uri, given], sort_keys=True)
        if token not in answers:
            answers[token] = (what, original(handler))
        if answers[token][0] != what:
            raise Conflict("The client token was used with other parameters.")
        return answers[token][1]

    return request


def _replacing(original: Callable[[Any], str]) -> Callable[[Any], str]:
    def update_schedule(handler: Any) -> str:
        """Replace all of a schedule: what isn't given gets its default value."""
        answer = original(handler)
        name = handler.uri.split("?")[0].split("/")[-1]
        schedule = handler.scheduler_backend.get_schedule(handler._get_param("GroupName"), name)
        schedule.state = schedule.state or "ENABLED"
        schedule.action_after_completion = handler._get_param("ActionAfterCompletion")
        return answer

    return update_schedule


def _with_defaults(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def to_dict(schedule: Any, short: bool = False) -> dict[str, Any]:
        described = original(schedule, short)
        described["ActionAfterCompletion"] = described["ActionAfterCompletion"] or _NO_ACTION
        return described

    return to_dict


def _creating_group(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_schedule_group(backend: Any, name: str, tags: Any) -> Any:
        if name in backend.schedule_groups:
            raise Conflict(f"Schedule group {name} already exists.")
        return original(backend, name, tags)

    return create_schedule_group


def _deleting_group(original: Callable[..., None]) -> Callable[..., None]:
    def delete_schedule_group(backend: Any, name: str) -> None:
        if name == _DEFAULT_GROUP:
            raise ValidationException("The default schedule group can't be deleted.")
        if name not in backend.schedule_groups:
            raise ScheduleGroupNotFound(name)
        original(backend, name)

    return delete_schedule_group
