"""An incident's story: what fell, what was changed before, and what has happened since."""

from dataclasses import dataclass

from mlops.monitoring.facts import LossFacts
from mlops.monitoring.incident import Incident, Step
from mlops.monitoring.report.inputs import Report, window_start
from mlops.monitoring.report.texts import metric_title, shorten, write_counted, write_moment, write_since
from mlops.pages.numbers import write_number

MOST_STEPS = 30
MOST_EARLIER = 8
MOST_SENTENCES = 12


@dataclass(frozen=True)
class StoryView:
    """`facts` are pairs of a name and a text; `steps` the last ones; `earlier` incidents one line each."""

    incident: Incident
    facts: tuple[tuple[str, str | None], ...]
    drifted: tuple[str, ...]
    steps: tuple[Step, ...]
    left_out: int


def view_story(report: Report) -> StoryView | None:
    """The open incident, else the last one that was open within the report's windows."""
    first = window_start(report.windows[0].window)
    incident = report.open_incident or next(
        (each for each in reversed(report.incidents) if each.closed_at and each.closed_at >= first), None
    )
    if incident is None:
        return None
    steps = sorted(incident.steps, key=lambda step: step.at)
    return StoryView(
        incident=incident,
        facts=(*_loss(incident, report), *_before(incident), *_retraining(incident)),
        drifted=tuple(shorten(sentence) for sentence in incident.drifted[:MOST_SENTENCES]),
        steps=tuple(step.model_copy(update={"what": shorten(step.what)}) for step in steps[-MOST_STEPS:]),
        left_out=max(0, len(steps) - MOST_STEPS),
    )


def earlier_incidents(report: Report, story: StoryView | None) -> tuple[Incident, ...]:
    """The other incidents, the latest first."""
    others = [each for each in reversed(report.incidents) if story is None or each is not story.incident]
    return tuple(others[:MOST_EARLIER])


def _loss(incident: Incident, report: Report) -> tuple[tuple[str, str | None], ...]:
    loss = incident.loss
    if loss is None:
        return (("What changed", "the inputs; performance isn't known to be worse"),)
    verb = "What fell" if loss.now.value < loss.trained.value else "What rose"
    title = metric_title(loss.metric)
    return (
        (verb, f"{title}, from {write_counted(loss.trained)} to {write_counted(loss.now)}"),
        ("Margin", f"a loss of up to {write_number(loss.margin)} doesn't count"),
        ("Since", write_since(loss.since)),
        ("Known by", "truth that has arrived" if loss.basis == "realised" else "an estimate, without truth"),
        ("How sure", _certainty(incident, report)),
    )


def _certainty(incident: Incident, report: Report) -> str | None:
    """The evidence of the alarm, at its highest in the report's windows."""
    loss = incident.loss
    found: list[LossFacts] = [
        each
        for window in report.windows
        for version in window.versions
        if version.version == incident.version
        for each in version.losses
        if loss and (each.metric, each.basis) == (loss.metric, loss.basis)
    ]
    if not found:
        return None
    best = max(found, key=lambda each: each.evidence)
    return (
        f"evidence {write_number(best.evidence)}, an alarm from {write_number(best.alarm_at)} on; without a loss, "
        "at most 1 of 20 versions ever reaches that"
    )


def _before(incident: Incident) -> tuple[tuple[str, str | None], ...]:
    return (
        ("Version", str(incident.version)),
        ("It came to serve", shorten(incident.promoted_before)),
        ("Its dataset", shorten(incident.dataset)),
        ("Its code", shorten(incident.code)),
    )


def _retraining(incident: Incident) -> tuple[tuple[str, str | None], ...]:
    found = incident.retraining
    if found is None:
        return ()
    if found.refused:
        return (("Retraining", f"no dataset: {shorten(found.refused)}"),)
    outcome = shorten(found.outcome) if found.outcome else "not known yet"
    version = f"version {found.version}: " if found.version else ""
    return (
        ("Retraining on", f"{shorten(found.key or '')} ({found.rows:,} rows, {found.new_rows:,} of them new)"),
        ("Its outcome", f"{version}{outcome}"),
    )


def write_state(incident: Incident) -> str:
    """An incident's state in a few words."""
    opened = write_moment(incident.opened_at)
    closed = f", closed {write_moment(incident.closed_at)}" if incident.closed_at else ""
    return f"{incident.status}, opened {opened}{closed}"
