"""Composite alarms over time: they follow their children, and a suppressor holds their actions back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from moto.core.exceptions import ServiceException

from localaws.clock import Clock, Timetable
from localaws.iam.sender import Sender
from localaws.metrics.alarms.composite import CompositeAlarm
from localaws.metrics.alarms.watch import Alarms
from localaws.metrics.series import Metric
from localaws.metrics.store import Datum, MetricStore

TOPIC = "arn:aws:sns:us-east-1:123456789012:ops"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:act"
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm"
T = 1_795_428_000.0


class World:
    """A clock at T with alarms, and what they sent and published."""

    def __init__(self) -> None:
        self.store = MetricStore()
        self.sent: list[tuple[str, Any]] = []
        self.published: list[Mapping[str, Any]] = []
        self.alarms = Alarms(self.store, "us-east-1", self.publish, self.send)
        self.clock = Clock(lambda: T)
        self.timetable = Timetable(self.clock)
        self.timetable.add(self.alarms)

    def send(
        self, sender: Sender, arn: str, body: str, attributes: Mapping[str, str], *, subject: str | None
    ) -> str | None:
        assert sender.source
        self.sent.append((arn, json.loads(body)))
        return None

    def publish(self, source: str, kind: str, detail: Mapping[str, Any], resources: list[str]) -> None:
        self.published.append({"kind": kind, "resources": resources, **detail})

    def metric_alarm(self, name: str, **changes: Any) -> None:
        parameters = {
            "AlarmName": name,
            "Namespace": "app",
            "MetricName": name,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "ignore",
        }
        self.alarms.put(parameters | changes, self.clock.now())

    def composite(self, rule: str, name: str = "both", **changes: Any) -> CompositeAlarm:
        parameters = {"AlarmName": name, "AlarmRule": rule, "AlarmActions": [TOPIC], "OKActions": [FUNCTION]}
        return self.alarms.put_composite(parameters | changes, self.clock.now())

    def set(self, name: str, state: str) -> None:
        alarm = self.alarms.find(name)
        assert alarm
        self.alarms.set_state(alarm, state, "a trial", "", self.clock.now())

    def acted(self) -> list[str]:
        """The states whose actions ran, since the last call."""
        found = ["ALARM" if arn == TOPIC else "OK" for arn, _ in self.sent]
        self.sent.clear()
        return found


@pytest.fixture
def world() -> World:
    made = World()
    for name in ("a", "b", "quiet"):
        made.metric_alarm(name)
    return made


@pytest.fixture
def suppressed(world: World) -> World:
    """With an alarm on `a` whose actions `quiet` suppresses: it waits for 120 s, and goes on for 180 s."""
    periods: dict[str, Any] = {"ActionsSuppressorWaitPeriod": 120, "ActionsSuppressorExtensionPeriod": 180}
    world.composite("ALARM(a)", ActionsSuppressor="quiet", **periods)
    world.timetable.move(120)
    assert world.acted() == ["OK"]
    return world


def by(world: World) -> str:
    """What suppresses the actions, as DescribeAlarms shows it."""
    alarm = world.alarms.find("both")
    assert alarm
    return str(alarm.describe().get("ActionsSuppressedBy", ""))


@pytest.mark.proves("composite alarms")
def test_a_new_composite_alarm_is_evaluated_at_once(world: World) -> None:
    world.set("a", "ALARM")
    firing, fine = world.composite("ALARM(a)"), world.composite("ALARM(b)", "fine")
    assert (firing.current.state, fine.current.state) == ("ALARM", "OK")
    assert firing.current.reason == f"{ARN}:both was created and its alarm rule evaluates to ALARM"
    assert world.acted() == ["ALARM", "OK"]


@pytest.mark.proves("composite alarms")
def test_a_composite_alarm_follows_its_children_on_the_clock(world: World) -> None:
    alarm = world.composite("ALARM(a) AND NOT ALARM(b)")
    assert world.acted() == ["OK"]
    world.store.put(Datum(Metric.of("app", "a", {}), T + 1, {6.0: 1}))
    world.timetable.move(60)
    assert (alarm.current.state, alarm.current.moment) == ("ALARM", T + 60)
    assert alarm.current.reason == f"{ARN}:a transitioned to ALARM at Monday 23 November, 2026 10:01:00 UTC"
    assert json.loads(alarm.current.data)["triggeringAlarms"] == [
        {"arn": f"{ARN}:a", "state": {"value": "ALARM", "timestamp": "2026-11-23T10:01:00.000+0000"}}
    ]
    world.store.put(Datum(Metric.of("app", "b", {}), T + 61, {6.0: 1}))
    world.timetable.move(60)
    assert alarm.current.state == "OK"
    assert world.acted() == ["ALARM", "OK"]


@pytest.mark.proves("composite alarms")
def test_the_message_event_and_payload_of_a_composite_alarm(world: World) -> None:
    world.composite(f"ALARM({ARN}:a)", AlarmDescription="trouble")
    world.set("a", "ALARM")
    (_, payload), (_, message) = world.sent
    assert (payload["alarmArn"], payload["alarmData"]["alarmName"]) == (f"{ARN}:both", "both")
    assert (message["AlarmRule"], message["OldStateValue"], message["NewStateValue"]) == (
        f"ALARM({ARN}:a)",
        "OK",
        "ALARM",
    )
    assert [child["Arn"] for child in message["TriggeringChildren"]] == [f"{ARN}:a"]
    assert "Trigger" not in message
    event = world.published[-1]
    assert (event["kind"], event["resources"]) == ("CloudWatch Alarm State Change", [f"{ARN}:both"])
    assert event["configuration"] == {"description": "trouble", "alarmRule": f"ALARM({ARN}:a)"}
    assert (event["previousState"]["value"], event["state"]["value"]) == ("OK", "ALARM")


@pytest.mark.proves("composite alarms")
def test_composite_alarms_over_composite_alarms_follow_in_turn(world: World) -> None:
    world.composite("ALARM(a)", "inner")
    outer = world.composite("ALARM(inner) OR ALARM(b)", "outer")
    world.set("a", "ALARM")
    assert outer.current.state == "ALARM"
    assert outer.current.reason.startswith(f"{ARN}:inner transitioned to ALARM at ")
    entries = [entry for entry in outer.history if entry["HistoryItemType"] == "StateUpdate"]
    assert {entry["AlarmType"] for entry in entries} == {"CompositeAlarm"}
    assert entries[-1]["HistorySummary"] == "Alarm updated from OK to ALARM"


@pytest.mark.proves("composite alarm cycles")
def test_evaluation_stops_in_a_cycle_which_can_be_broken_and_deleted(world: World) -> None:
    first = world.composite("ALARM(a)", "first")
    second = world.composite("NOT ALARM(first)", "second")
    world.composite("ALARM(a) OR ALARM(second)", "first")
    world.set("a", "ALARM")
    assert (first.current.state, second.current.state) == ("ALARM", "OK")
    for name in ("first", "second"):
        with pytest.raises(ServiceException, match=f"Cannot delete {name} as there are composite alarm"):
            world.alarms.delete([name])
    world.composite("FALSE", "first")
    world.alarms.delete(["second"])
    world.alarms.delete(["first"])
    assert world.alarms.composites.all() == []


@pytest.mark.proves("composite alarm cycles")
def test_an_alarm_that_depends_on_itself_is_evaluated_once(world: World) -> None:
    world.composite("ALARM(a)", "self")
    alarm = world.composite("ALARM(a) AND NOT ALARM(self)", "self")
    world.set("a", "ALARM")
    assert alarm.current.state == "ALARM"


@pytest.mark.proves("composite alarms")
@pytest.mark.parametrize(
    ("rule", "changes", "problem"),
    [
        ("ALARM(nobody) OR ALARM(a)", {}, r"alarms \[nobody\] in the alarm rule"),
        ("ALARM(both)", {}, r"alarms \[both\]"),
        (f"ALARM({ARN.replace('us-east-1', 'eu-west-1')}:a)", {}, "eu-west-1.* do not exist"),
        ("ALARM AND", {}, "AlarmRule is invalid: unexpected"),
        ("ALARM(a)", {"AlarmName": "b"}, "b is the name of an alarm of the type MetricAlarm"),
        ("ALARM(a)", {"AlarmActions": ["arn:aws:ssm:us-east-1:123456789012:opsitem:1"]}, "arn:aws:ssm"),
        ("ALARM(a)", {"ActionsSuppressor": "b"}, "ActionsSuppressorWaitPeriod"),
        ("ALARM(a)", {"ActionsSuppressorWaitPeriod": 60}, "ActionsSuppressor and"),
        ("ALARM(a)", {"ActionConfiguration": {"x": 1}}, "ActionConfiguration: local AWS doesn't support"),
        (
            "ALARM(a)",
            {"ActionsSuppressor": "nobody", "ActionsSuppressorWaitPeriod": 0, "ActionsSuppressorExtensionPeriod": 0},
            r"alarms \[nobody\]",
        ),
    ],
)
def test_an_invalid_composite_alarm_is_refused(
    world: World, rule: str, changes: Mapping[str, Any], problem: str
) -> None:
    with pytest.raises(ServiceException, match=problem):
        world.composite(rule, **changes)
    assert world.alarms.composites.all() == []


def test_an_alarm_of_a_metric_cant_take_the_name_of_a_composite_alarm(world: World) -> None:
    world.composite("ALARM(a)")
    with pytest.raises(ServiceException, match="both is the name of an alarm of the type CompositeAlarm"):
        world.metric_alarm("both")
    with pytest.raises(ServiceException, match="Cannot delete a as"):
        world.alarms.delete(["a"])


@pytest.mark.proves("composite alarm suppression")
def test_actions_wait_for_the_suppressor_and_run_when_it_doesnt_fire(suppressed: World) -> None:
    suppressed.set("a", "ALARM")
    assert (suppressed.acted(), by(suppressed)) == ([], "WaitPeriod")
    assert suppressed.published[-1]["state"]["actionsSuppressedReason"] == "Actions suppressed by WaitPeriod"
    suppressed.timetable.move(119)
    assert suppressed.acted() == []
    suppressed.timetable.move(1)
    ((_, message),) = suppressed.sent
    assert (message["NewStateValue"], message["StateChangeTime"]) == ("ALARM", "2026-11-23T10:04:00.000+0000")
    assert by(suppressed) == ""


@pytest.mark.proves("composite alarm suppression")
def test_a_suppressor_that_fires_within_the_wait_holds_the_actions_back(suppressed: World) -> None:
    suppressed.set("a", "ALARM")
    suppressed.timetable.move(60)
    suppressed.set("quiet", "ALARM")
    assert by(suppressed) == "Alarm"
    suppressed.timetable.move(600)
    assert suppressed.acted() == []
    suppressed.set("quiet", "OK")
    assert by(suppressed) == "ExtensionPeriod"
    suppressed.timetable.move(179)
    assert suppressed.acted() == []
    suppressed.timetable.move(1)
    assert (suppressed.acted(), by(suppressed)) == (["ALARM"], "")


@pytest.mark.proves("composite alarm suppression")
def test_an_alarm_that_recovers_within_the_extension_does_nothing(suppressed: World) -> None:
    suppressed.set("quiet", "ALARM")
    suppressed.set("a", "ALARM")
    suppressed.set("quiet", "OK")
    suppressed.timetable.move(60)
    suppressed.set("a", "OK")
    suppressed.timetable.move(600)
    assert (suppressed.acted(), by(suppressed)) == ([], "")


@pytest.mark.proves("composite alarm suppression")
def test_without_periods_the_suppressor_alone_decides(world: World) -> None:
    periods: dict[str, Any] = {"ActionsSuppressorWaitPeriod": 0, "ActionsSuppressorExtensionPeriod": 0}
    world.composite("ALARM(a)", ActionsSuppressor=f"{ARN}:quiet", **periods)
    world.set("a", "ALARM")
    assert world.acted() == ["OK", "ALARM"]
    world.set("quiet", "ALARM")
    world.set("a", "OK")
    assert (world.acted(), by(world)) == ([], "Alarm")
    world.set("quiet", "INSUFFICIENT_DATA")
    assert (world.acted(), by(world)) == (["OK"], "")
