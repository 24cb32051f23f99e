"""Models that need all room of the console's first page."""

from datetime import timedelta

from mlops.monitoring.archive import Archive
from mlops.monitoring.report import Report
from mlops.monitoring.state import MonitoringState, NextTraining, States
from mlops.registry.aliases import CHALLENGER, Aliases, Canary
from tests.console_world import HELD, PASSED, World, make_manifest

LONGEST = 63
"""Characters of a model's name."""


def name_of(place: int) -> str:
    """A model's name, as long as one may be."""
    return f"{'model-with-a-long-name-' * 3}"[: LONGEST - 3] + f"-{place:02}"


def _watch(world: World, model: str, report: Report, training: NextTraining | None = None) -> None:
    """What a card shows of a model's last days."""
    for window in (*report.history[-14:], report.facts):
        Archive(world.records).write_facts(window.model_copy(update={"model": model}))
    incident = report.incidents[-1].model_copy(update={"model": model}) if report.incidents else None
    state = MonitoringState(
        model=model,
        daily=report.facts.window,
        hourly=f"{report.facts.window}T11",
        incident=incident,
        next_training=training,
    )
    States(world.records).update(model, lambda _: state)


def add_demanding(world: World, model: str, report: Report, *, text: str = "'") -> None:
    """A model with all that a card can show: an incident, a canary, a held version, a schedule, a training."""
    gates = {7: (PASSED,), 8: (PASSED,), 9: (PASSED, HELD)}
    for number in range(1, 10):
        world.add_versions(model, make_manifest(model, number, gates=gates.get(number, (PASSED,))))
    world.move(model, 7, days=20)
    canary = Canary(against=7, moves=1, until=world.now + timedelta(days=3))
    Aliases(world.models, model).move(CHALLENGER, 8, by="ann", why="tried", seen=None, share=0.123, canary=canary)
    training = NextTraining(due=world.now + timedelta(days=2), source="events", waits=text * 500)
    _watch(world, model, report, training)
    world.scheduler.add(f"nightly-{model}"[-64:], "cron(0 3 * * ? *)", model=model)
