"""One alarm: its definition, state and history."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from localaws.metrics.alarms.definition import AlarmDefinition, Definition
from localaws.metrics.alarms.state import INSUFFICIENT_DATA

_KEPT = 1000


@dataclass(frozen=True)
class Change:
    """A state and its reason; `data` is JSON. `moment` is epoch seconds.

    `suppressed_by` is what suppresses the actions of a composite alarm: Alarm, WaitPeriod, ExtensionPeriod or "".
    """

    state: str
    reason: str
    data: str
    moment: float
    suppressed_by: str = ""

    @property
    def suppressed_reason(self) -> str:
        """Why the actions are suppressed, in words."""
        return f"Actions suppressed by {self.suppressed_by}"

    def described(self) -> dict[str, Any]:
        """The state as part of events and of functions' payloads."""
        described = {"value": self.state, "reason": self.reason, "timestamp": timestamp(self.moment)}
        described |= {"reasonData": self.data} if self.data else {}
        if self.suppressed_by:
            described |= {"actionsSuppressedBy": self.suppressed_by, "actionsSuppressedReason": self.suppressed_reason}
        return described


@dataclass
class Alarm[D: AlarmDefinition = Definition]:
    """An alarm, by default of a metric. `history` has the latest entries of DescribeAlarmHistory, oldest first."""

    definition: D
    arn: str
    configured: float
    current: Change
    transitioned: float
    history: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_KEPT))

    @classmethod
    def new(cls, definition: D, arn: str, moment: float) -> Self:
        """A new alarm."""
        return cls(
            definition, arn, moment, Change(INSUFFICIENT_DATA, "Unchecked: Initial alarm creation", "", moment), 0
        )

    @property
    def changes(self) -> int:
        """How many changes of its state are in the history."""
        return sum(entry["HistoryItemType"] == "StateUpdate" for entry in self.history)

    def record(self, kind: str, summary: str, data: Mapping[str, Any], moment: float) -> None:
        """Add an entry to the history."""
        self.history.append(
            {
                "AlarmName": self.definition.name,
                "AlarmType": self.definition.kind,
                "Timestamp": instant(moment),
                "HistoryItemType": kind,
                "HistorySummary": summary,
                "HistoryData": json.dumps({"version": "1.0", **data}),
            }
        )

    def change(self, state: str, reason: str, data: str, moment: float) -> Change | None:
        """Change to another state; returns the former one, or None if it's the same."""
        before = self.current
        if state == before.state:
            return None
        self.current = Change(state, reason, data, moment)
        self.transitioned = moment
        states = {"oldState": _summary(before), "newState": _summary(self.current)}
        self.record("StateUpdate", f"Alarm updated from {before.state} to {state}", states, moment)
        return before

    def describe(self) -> dict[str, Any]:
        """The alarm as DescribeAlarms returns it."""
        given, current = self.definition.given, self.current
        suppressed = {
            "ActionsSuppressedBy": current.suppressed_by,
            "ActionsSuppressedReason": current.suppressed_reason,
        }
        return {
            "ActionsEnabled": True,
            "AlarmActions": [],
            "OKActions": [],
            "InsufficientDataActions": [],
            **({"Dimensions": []} if "MetricName" in given else {}),
            **{key: value for key, value in given.items() if key != "Tags"},
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": instant(self.configured),
            "StateValue": current.state,
            "StateReason": current.reason,
            "StateUpdatedTimestamp": instant(current.moment),
            **({"StateReasonData": current.data} if current.data else {}),
            **({"StateTransitionedTimestamp": instant(self.transitioned)} if self.transitioned else {}),
            **(suppressed if current.suppressed_by else {}),
        }


def _summary(change: Change) -> dict[str, str]:
    return {"stateValue": change.state, "stateReason": change.reason}


def instant(moment: float) -> datetime:
    """Epoch seconds as a time in UTC."""
    return datetime.fromtimestamp(moment, UTC)


def timestamp(moment: float) -> str:
    """Epoch seconds in the format of alarms: 2026-11-23T10:00:00.000+0000."""
    return instant(moment).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
