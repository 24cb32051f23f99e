"""The definition of a composite alarm: the validated parameters of PutCompositeAlarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from moto.cloudwatch.exceptions import ValidationError

from localaws.metrics.alarms.alarm import Alarm
from localaws.metrics.alarms.definition import AlarmDefinition, check_actions
from localaws.metrics.alarms.rule import InvalidRule, Rule, parse_rule

_PERIODS = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
_KNOWN = frozenset(
    {
        "ActionsEnabled",
        "ActionsSuppressor",
        *_PERIODS,
        "AlarmActions",
        "AlarmDescription",
        "AlarmName",
        "AlarmRule",
        "InsufficientDataActions",
        "OKActions",
        "Tags",
    }
)


@dataclass(frozen=True)
class CompositeDefinition(AlarmDefinition):
    """The parameters of PutCompositeAlarm, as given."""

    kind: ClassVar[str] = "CompositeAlarm"

    @cached_property
    def rule(self) -> Rule:
        """The rule over the states of other alarms. Raises InvalidRule."""
        return parse_rule(str(self.given["AlarmRule"]))

    @property
    def suppressor(self) -> str:
        """The name or ARN of the alarm that suppresses the actions, or ""."""
        return str(self.given.get("ActionsSuppressor") or "")

    @property
    def wait(self) -> int:
        """The seconds for which actions wait for the suppressor to go into ALARM."""
        return int(self.given.get(_PERIODS[0]) or 0)

    @property
    def extension(self) -> int:
        """The seconds for which actions wait after the suppressor left ALARM."""
        return int(self.given.get(_PERIODS[1]) or 0)


@dataclass
class CompositeAlarm(Alarm[CompositeDefinition]):
    """A composite alarm.

    `window` is the period that suppresses its actions, WaitPeriod or ExtensionPeriod, with its end in epoch seconds.
    `acted` is the state whose actions ran last.
    """

    window: tuple[str, float] | None = None
    acted: str = ""


def define_composite(parameters: Mapping[str, Any]) -> CompositeDefinition:
    """Validate `parameters`. Raises AWS's errors, and ValidationError for unsupported features."""
    definition = CompositeDefinition({key: value for key, value in parameters.items() if value not in (None, [], "")})
    given = definition.given
    for name in ("AlarmName", "AlarmRule"):
        if name not in given:
            raise ValidationError(f"The parameter {name} is required.")
    unknown = sorted(given.keys() - _KNOWN)
    if unknown:
        raise ValidationError(f"{unknown[0]}: local AWS doesn't support it for composite alarms.")
    try:
        _ = definition.rule
    except InvalidRule as error:
        raise ValidationError(f"AlarmRule is invalid: {error}.") from None
    for name in _PERIODS:
        if ("ActionsSuppressor" in given) != (name in given):
            raise ValidationError(f"ActionsSuppressor and {name} need each other.")
        if int(given.get(name, 0)) < 0:
            raise ValidationError(f"{name} must be 0 or more seconds.")
    check_actions(given)
    return definition
