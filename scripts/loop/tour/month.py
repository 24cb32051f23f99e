"""The sequence of `scripts/tour`: a first version, days of traffic, a broken instrument, and what follows from it."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cli.errors import CommandError
from cli.reports import wait_for_report
from cli.stack import Stack
from examples import write_diagnosis
from loop.errors import LoopFailed
from loop.flow import STACK, Options, start
from loop.screen import Screen
from loop.tour.people import Inbox
from loop.tour.story import Story, tell_outcome
from loop.tour.timeline import Timeline
from loop.tour.waiting import await_version, wait_for_interrupt
from mlops.monitoring.layout import report_key
from mlops.monitoring.state import MonitoringState
from mlops.spec import load_table_spec
from simulation.days import Days, find_local
from simulation.harms import DESCRIPTIONS, Harm, HarmKind
from simulation.population import SPREAD, Population
from simulation.simulator import Simulator
from simulation.traffic import Api

MODEL = "diagnosis"
HARMED_DAY = 12
TRUTH_DELAY = 2
HARM = Harm(
    HarmKind.REVERSED,
    columns=tuple(column.name for column in load_table_spec(MODEL).columns if column.name.startswith("worst ")),
    from_day=HARMED_DAY,
)
_TRAINING_SECONDS = 300


@dataclass(frozen=True)
class Tour:
    """The days, the predictions of each, the seed of the patients; with `stay` all runs on at the end, until Ctrl-C."""

    days: int
    rows: int
    seed: int
    stay: bool


def run(options: Options, tour: Tour, screen: Screen) -> None:
    """Show the month. Raises LoopFailed if it didn't go as it should, CommandError and LocalAwsError."""
    with ExitStack() as stack:
        running = start(options, screen, stack)
        target = Stack(STACK)
        days = find_local(target)
        assert days is not None
        client = stack.enter_context(running.connect(timeout=60))
        folder = options.state / "tour"
        population = _train_first(folder, tour, target, screen)
        api = Api(client, MODEL)
        await_version(api, 1)
        inbox = Inbox.subscribe(target)
        stack.enter_context(days.monitored_daily())
        simulator = Simulator(api, population, HARM, tour.rows, TRUTH_DELAY, tour.seed)
        story = _Month(screen, days, simulator, inbox).play(tour.days)
        page = _save_page(target, folder, story.last_day)
        tell_outcome(screen, story, page)
        if tour.stay:
            wait_for_interrupt(screen, "scripts/mlops monitor --help")


@dataclass
class _Month:
    """The days, one after the other."""

    screen: Screen
    days: Days
    simulator: Simulator
    inbox: Inbox

    def play(self, count: int) -> Story:
        """Let the days pass; what happened on them."""
        metric = load_table_spec(MODEL).metric
        timeline, story = Timeline(self.screen, metric), Story(metric, HARMED_DAY)
        morning = self.days.begin()
        timeline.head()
        for number in range(1, count + 1):
            day = morning.date() + timedelta(days=number - 1)
            if number == HARMED_DAY:
                timeline.event(f"▼ from here on {DESCRIPTIONS[HARM.kind]}", "bold red")
                story.harmed_at = time.monotonic()
            sent = self.simulator.send(number, self.days.now)
            state = self.days.end_day(MODEL, day)
            facts = self.days.facts(MODEL, day)
            timeline.day(number, day, sent, facts)
            self._report_incident(timeline, story, number, state)
            story.add(number, day, facts, state)
        story.finish(self.days.stack, self.inbox.incidents)
        return story

    def _report_incident(self, timeline: Timeline, story: Story, number: int, state: MonitoringState) -> None:
        """The steps of the incident since yesterday, the message to people, and the version that training made."""
        incident = state.incident
        if incident is None:
            return
        for step in incident.steps[story.steps :]:
            style = "bold green" if step.what.startswith(("recovered", "version")) else "bold red"
            if not step.what.startswith("version"):
                timeline.event(f"● {step.what}", style)
        for message in self.inbox.read():
            timeline.event(f"✉ to people, once: {message}", "bold magenta")
        retraining = incident.retraining
        if retraining and retraining.key and story.champion_at is None and retraining.outcome is None:
            try:
                await_version(self.simulator.api, 2)
            except CommandError as error:
                raise LoopFailed(f"The retraining made no new champion on day {number}: {error}") from error
            story.champion_at = time.monotonic()
            timeline.event("● version 2 passed its gates and is champion; nobody did anything", "bold green")


def _train_first(folder: Path, tour: Tour, target: Stack, screen: Screen) -> Population:
    """Upload the example dataset, wait for version 1; the population that the month's patients are drawn from."""
    file, contract = write_diagnosis(folder), load_table_spec(MODEL).contract
    population = Population.read(file, contract)
    bucket, key = target.outputs["DataBucketName"], f"datasets/{MODEL}/{file.name}"
    put = target.s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())
    with screen.step(f"TrainFunction trains, tests and registers version 1 of {MODEL}"):
        report = wait_for_report(target, bucket, key, put.get("VersionId"), _TRAINING_SECONDS)
    if report["outcome"] != "promoted":
        raise LoopFailed(f"Version 1 was {report['outcome']}: {report['reason']}")
    screen.line(
        f"""
{tour.rows} patients come each day, and what they have turns out {TRUTH_DELAY} days later. They are simulated: each is
one of the {len(population.known)} of the example dataset, with all {len(contract.columns)} measurements taken anew,
off by {SPREAD:.0%} of a standard deviation. Nothing else is: these are the functions, queues, records and
schedules that run on AWS, on a clock that is moved from day to day."""
    )
    return population


def _save_page(target: Stack, folder: Path, day: date) -> Path:
    """The report of a day, as a file."""
    key = report_key(MODEL, day.isoformat())
    found = target.s3.get_object(Bucket=target.outputs["RecordsBucketName"], Key=key)
    page = folder / "report.html"
    page.write_bytes(found["Body"].read())
    return page
