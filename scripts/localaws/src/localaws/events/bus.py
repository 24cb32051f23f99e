"""Event buses: deliver matching events to the targets of rules."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from moto.events import models, responses
from moto.events.exceptions import InvalidEventPatternException, ValidationException

from localaws.clock import Clock
from localaws.events import requests
from localaws.events.input_transformer import InvalidResult, TransformError, transform
from localaws.events.pattern import PatternError, compile_pattern
from localaws.iam.sender import Sender
from localaws.moto_patches import MotoPatches
from localaws.settings import ACCOUNT
from localaws.targets import Failure, Targets, is_bus, service_of

TARGETS = frozenset({"sqs", "sns", "lambda", "logs", "events", "states"})
_SERVICE = "events.amazonaws.com"
_RULE_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,64}")
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html, which can be raised to 4,096.
_LONGEST_PATTERN = 4096
_INPUTS = ("Input", "InputPath", "InputTransformer")
_PATTERNS: dict[str, Callable[[Mapping[str, Any]], bool]] = {}


class Bus:
    """Delivers events to the rules of the default bus and of others.

    Events that arise during a request are delivered at its end: moto sends the event of an object before it has set the
    object's metadata and tags.
    """

    def __init__(self, targets: Targets, region: str, clock: Clock) -> None:
        self._targets, self._region, self._clock = targets, region, clock
        self._request = threading.local()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Delay this thread's events until the end of the block."""
        delayed: list[Callable[[], object]] = []
        self._request.delayed = delayed
        try:
            yield
        finally:
            del self._request.delayed
            for deliver in delayed:
                deliver()

    def later(self, deliver: Callable[[], object]) -> None:
        """Run `deliver` at the end of this thread's request, or at once outside a request."""
        if hasattr(self._request, "delayed"):
            self._request.delayed.append(deliver)
        else:
            deliver()

    def put(self, source: str, detail_type: str, detail: Mapping[str, Any], resources: list[str]) -> None:
        """Send the event of an AWS service to every matching rule of the default bus."""
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self._region,
            "resources": resources,
            "detail": detail,
        }
        self.later(lambda: self._publish(event))

    def _publish(self, event: Mapping[str, Any]) -> None:
        backend: Any = models.events_backends[ACCOUNT][self._region]
        for rule in list(backend.event_buses["default"].rules.values()):
            self.deliver(rule, event)

    def forward(self, arn: str, body: str) -> Failure | None:
        """Send the event in `body` to the rules of the bus `arn`; returns the failure if there's one."""
        backend: Any = models.events_backends[ACCOUNT][self._region]
        bus = backend.event_buses.get(arn.rsplit("/", 1)[-1])
        if bus is None:
            return Failure("ResourceNotFoundException", f"Event bus {arn} does not exist.", missing=True)
        for rule in list(bus.rules.values()):
            self.deliver(rule, json.loads(body))
        return None

    def deliver(self, rule: Any, event: Mapping[str, Any]) -> None:
        """Send `event` to the targets of one rule, if the rule is enabled and its pattern matches."""
        raw = rule.event_pattern.dump()
        if rule.state == "ENABLED" and raw and self._pattern(raw)(event):
            self.send(rule, event)

    def send(self, rule: Any, event: Mapping[str, Any]) -> None:
        """Send `event` to the targets of one rule; on failure to the target's dead-letter queue."""
        received = datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for target in list(rule.targets):
            failure = self._send(rule, target, event, received)
            dead_letter_queue = target.get("DeadLetterConfig", {}).get("Arn")
            if failure and dead_letter_queue:
                attributes = {
                    "RULE_ARN": rule.arn,
                    "TARGET_ARN": target["Arn"],
                    "ERROR_CODE": failure.code,
                    "ERROR_MESSAGE": failure.message,
                    "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
                    "RETRY_ATTEMPTS": "0",
                }
                self._targets.send(Sender(_SERVICE, rule.arn), dead_letter_queue, json.dumps(event), attributes)

    def _send(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any], received: str) -> Failure | None:
        """Send `event` to one target; returns the failure with a code of EventBridge."""
        try:
            body = transform(target, event, rule.arn, received)
        except InvalidResult as error:
            return Failure("INVALID_JSON", str(error))
        group = target.get("SqsParameters", {}).get("MessageGroupId")
        sender = Sender(_SERVICE, rule.arn, target.get("RoleArn") or "")
        failure = self._targets.send(sender, target["Arn"], body, {}, group)
        if not failure:
            return None
        code = "NO_PERMISSIONS" if failure.denied else "NO_RESOURCE" if failure.missing else "SDK_CLIENT_ERROR"
        return Failure(code, failure.message)

    @staticmethod
    def _pattern(raw: str) -> Callable[[Mapping[str, Any]], bool]:
        if raw not in _PATTERNS:
            _PATTERNS[raw] = compile_pattern(json.loads(raw))
        return _PATTERNS[raw]


def install(patches: MotoPatches, bus: Bus) -> None:
    """Make moto's EventBridge deliver by `bus`, and refuse unsupported patterns and targets."""
    patches.replace(models.Rule, "send_to_targets", lambda _: _sender(bus))
    patches.replace(models.EventsBackend, "put_rule", _checked_rule)
    patches.replace(models.EventsBackend, "put_targets", _checked_targets)
    patches.replace(models.EventsBackend, "put_events", requests.checked_events)
    patches.replace(models.EventsBackend, "delete_event_bus", requests.checked_deletion)
    patches.replace_method(responses.EventsHandler, "remove_targets", requests.remove_targets)
    patches.replace_method(responses.EventsHandler, "test_event_pattern", requests.test_pattern)
    for operation in ("create_archive", "start_replay"):
        patches.replace_method(responses.EventsHandler, operation, requests.unsupported)


def _sender(bus: Bus) -> Callable[..., None]:
    def send_to_targets(rule: Any, original_event: Mapping[str, Any], *_: Any, **__: Any) -> None:
        time = original_event["time"]
        moment = datetime.fromtimestamp(float(time), UTC) if isinstance(time, int | float) else None
        event = {key: value for key, value in original_event.items() if key != "ingestion-time"}
        event["time"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else str(time)
        bus.deliver(rule, event)

    return send_to_targets


def _checked_rule(original: Callable[..., Any]) -> Callable[..., Any]:
    def put_rule(backend: Any, name: str, *args: Any, **options: Any) -> Any:
        if not _RULE_NAME.fullmatch(name):
            raise ValidationException(
                f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must "
                r"satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"
            )
        pattern = options.get("event_pattern")
        if pattern and len(pattern) > _LONGEST_PATTERN:
            raise InvalidEventPatternException(reason=f"Event pattern is longer than {_LONGEST_PATTERN} characters")
        try:
            if pattern:
                compile_pattern(json.loads(pattern))
        except PatternError as error:
            raise InvalidEventPatternException(reason=str(error)) from None
        except ValueError:
            raise InvalidEventPatternException(reason="Invalid JSON") from None
        return original(backend, name, *args, **options)

    return put_rule


def _checked_targets(original: Callable[..., None]) -> Callable[..., None]:
    def put_targets(backend: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
        for target in targets:
            problem = target_problem(target)
            if problem:
                raise ValidationException(f"Target {target.get('Id')} of rule {name}: {problem}.")
        bus = backend.event_buses.get(backend._normalize_event_bus_arn(event_bus_arn))
        rule = bus.rules.get(name) if bus else None
        requests.check_count(rule.targets if rule else [], targets)
        original(backend, name, event_bus_arn, targets)

    return put_targets


def target_problem(target: Mapping[str, Any]) -> str | None:
    """The reason why a rule's target isn't supported, or None."""
    arn = str(target.get("Arn", ""))
    if service_of(arn) not in TARGETS or (service_of(arn) == "events" and not is_bus(arn)):
        return (
            f"local AWS delivers to queues, topics, functions, log groups, event buses and state machines, not to {arn}"
        )
    if sum(name in target for name in _INPUTS) > 1:
        return "it can have only one of Input, InputPath and InputTransformer"
    if "Input" in target and not _is_json(target["Input"]):
        return "its Input must be valid JSON"
    try:
        transform(target, {"detail": {}}, "arn:aws:events:::rule/check", "")
    except InvalidResult:
        # Whether the result is JSON depends on the event.
        return None
    except TransformError as error:
        return str(error)
    return None


def _is_json(text: Any) -> bool:
    try:
        json.loads(text)
    except (TypeError, ValueError):
        return False
    return True
