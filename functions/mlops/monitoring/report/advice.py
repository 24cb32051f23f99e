"""What to do now: the steps for a person, with the commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mlops.monitoring.incident import Incident
from mlops.monitoring.report.headline import MANY_ERRORS, MUCH_REFUSED, Headline
from mlops.monitoring.report.inputs import Report, window_start
from mlops.monitoring.report.texts import count, shorten, write_list
from mlops.registry.aliases import Move

_COMMAND = "scripts/mlops"
_SOON = 7
"""Days after a promotion within which a loss may well be its doing."""


@dataclass(frozen=True)
class Advice:
    """One step, and the command for it."""

    what: str
    command: str | None = None


def advise(report: Report, headline: Headline) -> tuple[Advice, ...]:
    """The steps, most urgent first; the only one may be that there's nothing to do."""
    incident = report.open_incident
    steps = [*(_on_incident(incident, report) if incident else ()), *_on_data(report), *_on_service(report)]
    if headline.tone == "unknown" and report.subject:
        steps.append(_ask_for_truth(report))
    return tuple(steps) or (Advice("Nothing."),)


def _on_incident(incident: Incident, report: Report) -> Iterator[Advice]:
    model = report.facts.model
    promotion = _promotion(incident, report)
    if promotion and promotion.previous is not None and _came_with(promotion, incident):
        yield Advice(
            f"The loss began within {_SOON} days of the promotion of version {incident.version} "
            f"({promotion.at:%Y-%m-%d}): if version {promotion.previous} was better, go back to it.",
            f"{_COMMAND} models rollback {model}",
        )
    if incident.drifted:
        columns = write_list(_drifted(incident, report)) or "the columns listed below"
        yield Advice(
            f"Find out why {columns} changed. If an instrument, a unit or a job upstream is at fault, repair it: "
            "a model can't mend wrong data, and retraining on it would teach it the fault."
        )
    yield _on_retraining(incident, model)
    if promotion and promotion.previous is not None and not _came_with(promotion, incident):
        yield Advice(
            f"Going back to version {promotion.previous} is possible, but version {incident.version} was well "
            f"after its promotion on {promotion.at:%Y-%m-%d}, so that seldom helps: the older one hasn't seen what "
            "changed either.",
            f"{_COMMAND} models rollback {model}",
        )


def _drifted(incident: Incident, report: Report) -> list[str]:
    """The columns that are drifted now, if the incident's version still serves; the least likely by chance first."""
    if report.subject is None or report.subject.version != incident.version:
        return []
    found = sorted((column.p_value, column.column) for column in report.subject.columns if column.drifted)
    return [name for _, name in found]


def _on_retraining(incident: Incident, model: str) -> Advice:
    retraining = incident.retraining
    if retraining is None:
        return Advice(
            "Retraining begins by itself, unless the spec has it off, as soon as enough predictions since the change "
            "have their truth. Send the truth that you have:",
            f"{_COMMAND} feedback put FILE --model {model}",
        )
    if retraining.refused:
        return Advice(
            f"No dataset could be assembled for retraining: {shorten(retraining.refused)}. "
            "Upload one with rows since the change.",
            f"{_COMMAND} data put FILE --model {model}",
        )
    if incident.status == "dead end":
        outcome = shorten(retraining.outcome or "it was not promoted")
        return Advice(
            f"Retraining didn't help (its outcome: {outcome}). Decide whether the model is still good enough for its "
            "use; if not, give it new columns or rows, or take it out of service. What the new version lacks:",
            f"{_COMMAND} models show {model} {retraining.version or 'latest'}",
        )
    if retraining.outcome == "promoted":
        return Advice(
            f"Retraining needs nothing from you: version {retraining.version} serves now. The incident closes by "
            "itself after a whole day of it without an alarm.",
            f"{_COMMAND} models show {model} {retraining.version}",
        )
    if retraining.outcome == "canary":
        return Advice(
            f"Retraining needs nothing from you: version {retraining.version} is tried on a share of the requests, and "
            "serves if their truth shows that it isn't worse. See how far it is:",
            f"{_COMMAND} models canary status {model}",
        )
    rows = f"{count(retraining.rows, 'row')}, {retraining.new_rows:,} of them new,"
    return Advice(
        f"Retraining needs nothing from you: a dataset of {rows} is being trained on, and the new version serves if it "
        "passes every gate. See how far it is:",
        f"{_COMMAND} models list {model}",
    )


def _promotion(incident: Incident, report: Report) -> Move | None:
    """How the incident's version became champion."""
    return next((move for move in reversed(report.moves) if move.version == incident.version), None)


def _came_with(promotion: Move, incident: Incident) -> bool:
    began: datetime = window_start(incident.loss.since) if incident.loss else incident.opened_at
    return (began - promotion.at).days < _SOON


def _on_data(report: Report) -> Iterator[Advice]:
    subject = report.subject
    if subject is None or report.open_incident:
        return
    if any(loss.alarm for loss in subject.losses):
        yield Advice(
            "A loss test alarms and no incident is open: performance by truth may refute the estimate, or the incident "
            "follows with the next run.",
            f"{_COMMAND} monitor report {report.facts.model}",
        )
    if any(column.drifted for column in subject.columns):
        yield Advice(
            "Look at the columns that drifted, below. Is the change real? Then nothing needs doing as long as "
            "performance holds. Does a source deliver something wrong? Repair it there."
        )
    if subject.stale:
        yield Advice("Train a version on recent rows:", f"{_COMMAND} data put FILE --model {report.facts.model}")
    if subject.slowdown and subject.slowdown.slower:
        yield Advice("Compare the latency of each version; a challenger costs time too:", f"{_COMMAND} logs versions")


def _on_service(report: Report) -> Iterator[Advice]:
    facts = report.facts
    asked = sum(version.service.predictions for version in facts.versions)
    refused = sum(facts.refused.values())
    if facts.errors and facts.errors > MANY_ERRORS * (asked + facts.errors):
        yield Advice("Requests failed. See the errors:", f"{_COMMAND} logs errors")
    if refused > MUCH_REFUSED * (asked + refused):
        query = f"filter record = 'rejection' and model = '{facts.model}' | limit 50"
        yield Advice(
            "Many requests broke the contract. See which rules and columns:", f'{_COMMAND} logs --query "{query}"'
        )


def _ask_for_truth(report: Report) -> Advice:
    return Advice(
        "Send the truth as soon as it's known: nothing else shows whether the model is right. One row a prediction, "
        "with its prediction_id, truth and time, as a CSV file or by the API.",
        f"{_COMMAND} feedback put FILE --model {report.facts.model}",
    )
