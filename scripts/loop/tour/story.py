"""What happened in the month, and whether it's what should."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cli.stack import Stack
from loop.errors import LoopFailed
from loop.screen import Screen
from loop.tour.timeline import find_serving
from mlops.monitoring.facts import Figure, WindowFacts
from mlops.monitoring.incident import Incident
from mlops.monitoring.state import MonitoringState

MODEL = "diagnosis"
_SETTLED = 6  # days after which estimates have learned from truth


@dataclass
class Story:
    """The month's facts. Times are those of the machine, in seconds."""

    metric: str
    harmed_day: int
    estimates: dict[int, Figure] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    recovered_day: int | None = None
    steps: int = 0
    harmed_at: float | None = None
    champion_at: float | None = None
    last_day: date = date.min
    retrainings: int = 0
    messages: int = 0

    def add(self, number: int, day: date, facts: WindowFacts, state: MonitoringState) -> None:
        """Take in a day."""
        self.last_day = day
        serving = find_serving(facts)
        if serving and (estimate := serving.estimated.get(self.metric)):
            self.estimates[number] = estimate
        incident = state.incident
        if incident:
            self.opened.setdefault(incident.id, number)
            self.incidents[incident.id] = incident
            self.steps = len(incident.steps)
            if incident.status == "recovered" and self.recovered_day is None:
                self.recovered_day = number

    def finish(self, target: Stack, messages: int) -> None:
        """Take in what lies in the buckets and what people got."""
        listed = target.s3.list_objects_v2(
            Bucket=target.outputs["DataBucketName"], Prefix=f"datasets/{MODEL}/incident-"
        )
        keys = [each["Key"] for each in listed.get("Contents", [])]
        self.retrainings = sum(key.endswith(".csv.gz") for key in keys)
        self.messages = messages

    @property
    def faults(self) -> list[str]:
        """What should have happened and didn't."""
        before = [_low(each) for number, each in self.estimates.items() if _SETTLED <= number < self.harmed_day]
        fell = _low(self.estimates.get(self.harmed_day)) < min(before, default=0.0)
        days = list(self.opened.values())
        last = next(reversed(self.incidents.values()), None)
        expected = {
            f"the estimate falls on day {self.harmed_day}, before any truth": fell,
            "one incident opens, after the instrument broke": len(days) == 1 and days[0] > self.harmed_day,
            f"one retraining (there were {self.retrainings})": self.retrainings == 1,
            f"one message to people (there were {self.messages})": self.messages == 1,
            "the retraining makes the new champion": bool(
                last and last.retraining and last.retraining.outcome == "promoted" and last.retraining.version == 2
            ),
            "the model recovers": bool(last and last.status == "recovered"),
        }
        return [what for what, happened in expected.items() if not happened]


def _low(estimate: Figure | None) -> float:
    """What a metric is at least, as far as the estimate knows."""
    return 0.0 if estimate is None or estimate.low is None else estimate.low


def tell_outcome(screen: Screen, story: Story, page: Path) -> None:
    """Print what happened and where the report is. Raises LoopFailed if it isn't what should."""
    if story.faults:
        raise LoopFailed(f"The month didn't go as it should; missing: {'; '.join(story.faults)}. Its report: {page}")
    (opened,) = story.opened.values()
    assert story.harmed_at is not None
    assert story.champion_at is not None
    screen.line(
        f"""
[bold]The model healed itself[/]
  day {story.harmed_day}: the instrument broke; the inputs drifted and the estimate fell before any truth was there
  day {opened}: the first truth showed the loss: one incident, one message to people, one retraining
  day {story.recovered_day}: the new champion served, and showed no loss
  from the harm to the new champion it took {story.champion_at - story.harmed_at:.0f} s of this machine, \
the whole month {screen.elapsed:.0f} s
  [dim]The harmful readings go on: the new version has learned to read them. The instrument still wants mending.[/]"""
    )
    screen.line(f"\nThe report of the last day, for a browser: {page}")
