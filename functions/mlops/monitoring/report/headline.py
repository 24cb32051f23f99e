"""Whether the model is well, in one sentence."""

from dataclasses import dataclass
from typing import Literal

from mlops.monitoring.facts import LossFacts, VersionFacts
from mlops.monitoring.incident import Incident
from mlops.monitoring.report.inputs import Report
from mlops.monitoring.report.performance import find_loss, last_realised, main_metric
from mlops.monitoring.report.texts import (
    count,
    metric_title,
    write_day,
    write_figure,
    write_list,
    write_share,
    write_since,
)
from mlops.pages.numbers import write_number

type Tone = Literal["well", "watch", "unwell", "unknown"]

LABELS: dict[Tone, str] = {
    "well": "✓ Well",
    "watch": "● Look at it",
    "unwell": "✗ Worse than it was",
    "unknown": "? Not known",
}
MUCH_REFUSED = 0.05
"""The share of refused requests from which a report says so first."""
MANY_ERRORS = 0.001


@dataclass(frozen=True)
class Headline:
    """What a reader must know if they read nothing else."""

    tone: Tone
    sentence: str

    @property
    def label(self) -> str:
        """The tone in words."""
        return LABELS[self.tone]


def write_headline(report: Report) -> Headline:
    """The report in one sentence."""
    incident, subject = report.open_incident, report.subject
    if incident:
        return Headline("unwell", _incident_sentence(incident, report))
    if subject is None:
        return Headline("unknown", "No predictions were asked for in this window, so there is nothing to judge.")
    alarm = next((loss for loss in subject.losses if loss.alarm), None)
    if alarm:
        return Headline("watch", _alarm_sentence(alarm, subject))
    if "T" in report.facts.window:
        remarks = _service_remarks(report)
        served = f"{count(subject.service.predictions, 'prediction')} of version {subject.version} in this hour"
        return Headline("watch" if remarks else "well", "; ".join([served, *remarks]) + ".")
    performance = _performance_sentence(report)
    remarks = [*_drift_remarks(subject), *_version_remarks(subject), *_service_remarks(report)]
    calm = "" if remarks or not subject.losses else "; no test of a loss alarms"
    if performance is None:
        why = (
            f"Nothing is known about the performance of version {subject.version}: no truth has arrived, and no "
            "estimate could be made"
        )
        return Headline("unknown", "; ".join([why, *remarks]) + ".")
    return Headline("watch" if remarks else "well", "; ".join([performance, *remarks]) + f"{calm}.")


def _incident_sentence(incident: Incident, report: Report) -> str:
    served = f"version {incident.version}"
    if report.subject and report.subject.version != incident.version:
        served += f" (version {report.subject.version} serves now)"
    loss = incident.loss
    if loss is None:
        return f"Incident: the inputs of {served} have drifted, and its spec counts that as an incident."
    fell = f"{_capital(metric_title(loss.metric))} of {served} {_verb(loss.trained.value, loss.now.value)}"
    basis = " as estimated without truth" if loss.basis == "estimated" else ""
    change = f"from {write_number(loss.trained.value)} to {write_figure(loss.now)}{basis}"
    sentence = f"{fell} {change}, since {write_since(loss.since)}{_truth_since(incident, report)}"
    ending = {
        "open": "an incident is open",
        "retraining": "a new version is being trained",
        "dead end": "retraining didn't help: a person must decide",
        "recovered": "it has recovered",
    }[incident.status]
    return f"{sentence}; {ending}."


def _truth_since(incident: Incident, report: Report) -> str:
    """What the truth that has arrived since says of an estimate."""
    loss = incident.loss
    found = last_realised(report, loss.metric, incident.version) if loss and loss.basis == "estimated" else None
    if loss is None or found is None or found[0] < loss.since:
        return ""
    return f" (by truth {write_figure(found[2])} on {write_day(found[0])})"


def _alarm_sentence(loss: LossFacts, subject: VersionFacts) -> str:
    title = metric_title(loss.metric)
    if loss.basis == "estimated":
        return (
            f"{_capital(title)} of version {subject.version} is estimated to be worse than the margin allows"
            f"{f' since {write_since(loss.since)}' if loss.since else ''}; no incident is open."
        )
    return f"{_capital(title)} of version {subject.version} is worse than the margin allows; no incident is open yet."


def _performance_sentence(report: Report) -> str | None:
    """What is known of the main metric; None if that's nothing."""
    metric, subject = main_metric(report), report.subject
    if metric is None or subject is None:
        return None
    title, loss = _capital(metric_title(metric)), find_loss(subject, metric)
    trained = f", {write_number(loss.trained)} at training" if loss else ""
    found = last_realised(report, metric, subject.version)
    if found:
        measured = f"{write_figure(found[2])} by the truth of {write_day(found[0])}"
        return f"{title} of version {subject.version} was {measured}{trained}"
    estimate = subject.estimated.get(metric)
    if estimate:
        estimated = f"estimated at {write_figure(estimate)}"
        return f"{title} of version {subject.version} is {estimated}{trained}; no truth has arrived"
    return None


def _drift_remarks(subject: VersionFacts) -> list[str]:
    drifted = [column.column for column in subject.columns if column.drifted]
    if not drifted:
        return []
    return [f"{len(drifted)} of {count(len(subject.columns), 'column')} drifted ({write_list(drifted)})"]


def _version_remarks(subject: VersionFacts) -> list[str]:
    """A version that grew slow or old."""
    remarks, slowdown, now = [], subject.slowdown, subject.service.latency_p50
    if slowdown and slowdown.slower and now is not None:
        since = f" since {write_day(slowdown.since)}" if slowdown.since else ""
        before = write_number(slowdown.reference_p50)
        remarks.append(f"its median latency rose from {before} to {write_number(now)} ms{since}")
    if subject.stale:
        remarks.append(f"it was trained {count(subject.age_days or 0, 'day')} ago, which the spec calls stale")
    return remarks


def _service_remarks(report: Report) -> list[str]:
    facts = report.facts
    asked = sum(version.service.predictions for version in facts.versions)
    refused = sum(facts.refused.values())
    remarks = []
    if refused > MUCH_REFUSED * (asked + refused):
        remarks.append(f"{write_share(refused / (asked + refused))} of the requests were refused")
    if facts.errors and facts.errors > MANY_ERRORS * (asked + facts.errors):
        remarks.append(f"{count(facts.errors, 'request')} failed with an error")
    return remarks


def _verb(before: float, now: float) -> str:
    return "fell" if now < before else "rose"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
