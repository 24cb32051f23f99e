"""One alarm: its definition, state and history."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localaws.metrics.alarms.definition import Definition
from localaws.metrics.alarms.state import INSUFFICIENT_DATA

_KEPT = 1000


@dataclass(frozen=True)
class Change:
    """A state and its reason; `data` is JSON. `moment` is epoch seconds."""

    state: str
    reason: str
    data: str
    moment: float

    def described(self) -> dict[str, Any]:
        """The state as part of events and of functions' payloads."""
        described = {"value": self.state, "reason": self.reason, "timestamp": timestamp(self.moment)}
        return described | ({"reasonData": self.data} if self.data else {})


@dataclass
class Alarm:
    """An alarm. `history` has the latest entries of DescribeAlarmHistory, oldest first."""

    definition: Definition
    arn: str
    configured: float
    current: Change
    transitioned: float
    history: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_KEPT))

    @classmethod
    def new(cls, definition: Definition, arn: str, moment: float) -> Alarm:
        """A new alarm."""
        return cls(
            definition, arn, moment, Change(INSUFFICIENT_DATA, "Unchecked: Initial alarm creation", "", moment), 0
        )

    def record(self, kind: str, summary: str, data: Mapping[str, Any], moment: float) -> None:
        """Add an entry to the history."""
        self.history.append(
            {
                "AlarmName": self.definition.name,
                "AlarmType": "MetricAlarm",
                "Timestamp": instant(moment),
                "HistoryItemType": kind,
                "HistorySummary": summary,
                "HistoryData": json.dumps({"version": "1.0", **data}),
            }
        )

    def describe(self) -> dict[str, Any]:
        """The alarm as DescribeAlarms returns it."""
        given = self.definition.given
        return {
            "ActionsEnabled": True,
            "AlarmActions": [],
            "OKActions": [],
            "InsufficientDataActions": [],
            **({} if "Metrics" in given else {"Dimensions": []}),
            **{key: value for key, value in given.items() if key != "Tags"},
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": instant(self.configured),
            "StateValue": self.current.state,
            "StateReason": self.current.reason,
            "StateUpdatedTimestamp": instant(self.current.moment),
            **({"StateReasonData": self.current.data} if self.current.data else {}),
            **({"StateTransitionedTimestamp": instant(self.transitioned)} if self.transitioned else {}),
        }


def instant(moment: float) -> datetime:
    """Epoch seconds as a time in UTC."""
    return datetime.fromtimestamp(moment, UTC)


def timestamp(moment: float) -> str:
    """Epoch seconds in the format of alarms: 2026-11-23T10:00:00.000+0000."""
    return instant(moment).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
