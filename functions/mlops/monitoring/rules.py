"""When an incident opens, what becomes of it, and when it's over. No input or output: facts in, the next state out.

Times are those of windows and of training's reports, never those of a run: runs that were missed, repeated or killed
end in the same state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mlops.evaluation.metrics.catalog import RELATIVE, find_metric
from mlops.monitoring import messages
from mlops.monitoring.facts import Basis, Figure, LossFacts, VersionFacts, WindowFacts
from mlops.monitoring.incident import Cause, Incident, Loss, Retraining, Step
from mlops.monitoring.state import Announcement, MonitoringState
from mlops.registry.aliases import Alias, Move
from mlops.registry.manifest.manifest import Manifest
from mlops.spec.monitoring import Monitoring

REPORT_PATIENCE = timedelta(hours=24)
"""How long training may take to report on a dataset, its retries included."""


@dataclass(frozen=True)
class Champion:
    """The serving version: what it was trained on, and how it came to serve."""

    manifest: Manifest
    move: Move

    @property
    def promotion(self) -> str:
        """How it came to serve, in one sentence."""
        move = self.move
        since = f"{move.at:%Y-%m-%d %H:%M} UTC"
        return f"version {move.version} serves since {since}: {move.action} by {move.by}, {move.why}"


def find_move(alias: Alias, moment: datetime) -> Move:
    """The move by which the version that served at a moment came to serve; the first one before all of them."""
    return next((move for move in reversed(alias.history) if move.at < moment), alias.history[0])


def after_day(
    state: MonitoringState, facts: WindowFacts, end: datetime, champion: Champion, rules: Monitoring
) -> MonitoringState:
    """The state after a day that ended at `end`, in which `champion` served last."""
    open_before = state.open_incident
    if open_before:
        state = _follow(state, open_before, facts, end, champion, rules)
    else:
        state = _open(state, facts, end, champion, rules)
    return _report_drift(state, facts)


def _open(
    state: MonitoringState, facts: WindowFacts, end: datetime, champion: Champion, rules: Monitoring
) -> MonitoringState:
    """Open an incident if the champion lost more than its margin, or drifted and the rules count that."""
    version = find_version(facts, champion.manifest.version)
    if version is None:
        return state
    alarm = _find_alarm(version, facts)
    drifted = [column for column in version.columns if column.drifted]
    if alarm:
        cause: Cause = "realised loss" if alarm.basis == "realised" else "estimated loss"
    elif drifted and rules.drift == "incident":
        cause = "drift"
    else:
        return state
    manifest = champion.manifest
    since = alarm.since if alarm else None
    incident = Incident(
        id=f"{facts.window}-v{manifest.version}",
        model=facts.model,
        version=manifest.version,
        cause=cause,
        status="open",
        opened_at=end,
        window=facts.window,
        loss=_describe_loss(alarm, version, facts, manifest) if alarm else None,
        drifted=tuple(column.sentence or column.column for column in drifted),
        dataset=manifest.dataset.uri,
        code=manifest.code.commit,
        promoted_before=champion.promotion,
        since=since or min((f"{column.since}" for column in drifted if column.since), default=facts.window),
    )
    state = state.model_copy(update={"incident": incident})
    retrains = _may_collect(state, incident, end, rules)
    incident = _note(incident, end, messages.describe_opening(incident))
    return state.model_copy(
        update={
            "incident": incident,
            "collect_until": end if retrains else None,
            "outbox": (
                *state.outbox,
                Announcement(
                    id=f"{incident.id}/degraded", event="Model degraded", detail=incident.model_dump(mode="json")
                ),
                Announcement(
                    id=f"{incident.id}/message",
                    subject=messages.write_subject(incident),
                    text=messages.write_message(incident, rules, state.retrained_at),
                ),
            ),
        }
    )


def _find_alarm(version: VersionFacts, facts: WindowFacts) -> LossFacts | None:
    """The loss that counts: a realised one first, or an estimated one that nothing realised refutes."""
    alarms = [loss for loss in version.losses if loss.alarm]
    for loss in alarms:
        if loss.basis == "realised":
            return loss
    for loss in alarms:
        assessment = version.assessments.get(loss.metric)
        if assessment and not assessment.trustworthy:
            continue
        if not _holds(loss, version, facts):
            return loss
    return None


def _holds(loss: LossFacts, version: VersionFacts, facts: WindowFacts) -> bool:
    """Whether truth of predictions from after the loss began shows that there's none beyond the margin."""
    since = loss.since or facts.window
    realised = [version.realised] if version.realised else []
    realised += [each.realised for each in facts.revisions if each.version == version.version and each.window >= since]
    changes = [each.overall.changes[loss.metric] for each in realised if loss.metric in each.overall.changes]
    return any(change.low is not None and change.low >= -_absolute_margin(loss) for change in changes)


def _absolute_margin(loss: LossFacts) -> float:
    """The margin in the metric's unit: of errors in the target's unit it's a share of their value at training."""
    return loss.margin * abs(loss.trained) if loss.metric in RELATIVE else loss.margin


def _describe_loss(alarm: LossFacts, version: VersionFacts, facts: WindowFacts, manifest: Manifest) -> Loss | None:
    now = _find_figure(alarm.basis, alarm.metric, version, facts)
    if now is None:
        return None
    estimate = manifest.estimates.get(alarm.metric)
    interval = estimate.interval if estimate else None
    trained = Figure(
        value=alarm.trained,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        level=interval.level if interval else 0.95,
        rows=estimate.rows if estimate else 0,
    )
    since = alarm.since or facts.window
    return Loss(basis=alarm.basis, metric=alarm.metric, trained=trained, now=now, since=since, margin=alarm.margin)


def _find_figure(basis: Basis, metric: str, version: VersionFacts, facts: WindowFacts) -> Figure | None:
    """The metric now; where truth comes late, that of the latest earlier day which got some."""
    if basis == "estimated":
        return version.estimated.get(metric)
    revised = sorted((each.window, each.realised) for each in facts.revisions if each.version == version.version)
    found = [*([version.realised] if version.realised else []), *(realised for _, realised in reversed(revised))]
    return next((each.overall.metrics[metric] for each in found if metric in each.overall.metrics), None)


def _follow(
    state: MonitoringState,
    incident: Incident,
    facts: WindowFacts,
    end: datetime,
    champion: Champion,
    rules: Monitoring,
) -> MonitoringState:
    """Close the incident if the model is well again; else let its dataset be assembled as soon as it may be."""
    version = find_version(facts, champion.manifest.version)
    recovery = _find_recovery(incident, version, facts, champion.manifest) if version else None
    if recovery:
        return _close(state, incident, end, recovery)
    replaced = champion.manifest.version != incident.version
    if replaced and version and any(loss.alarm for loss in version.losses) and incident.status == "retraining":
        reason = f"version {version.version} is no better: it lost more than the margin too"
        return _give_up(state, incident, end, reason)
    if not replaced and _may_collect(state, incident, end, rules):
        return state.model_copy(update={"collect_until": end})
    return state


def _may_collect(state: MonitoringState, incident: Incident, end: datetime, rules: Monitoring) -> bool:
    if not rules.retrain or incident.retraining is not None or incident.status != "open":
        return False
    return state.retrained_at is None or end >= messages.cooled_down(state.retrained_at, rules)


def _find_recovery(incident: Incident, version: VersionFacts, facts: WindowFacts, manifest: Manifest) -> str | None:
    """Why the model is well again, or None."""
    if version.version != incident.version:
        if incident.cause == "drift":
            looked, unwell = bool(version.columns), any(column.drifted for column in version.columns)
        else:
            looked, unwell = bool(version.losses), any(loss.alarm for loss in version.losses)
        if looked and not unwell:
            return f"version {version.version} is champion, and {facts.window} shows no loss of it"
        return None
    if incident.cause == "drift":
        if version.columns and not any(column.drifted for column in version.columns):
            return f"no column of {facts.window} is drifted"
        return None
    return _find_return(incident, version, facts, manifest)


def _find_return(incident: Incident, version: VersionFacts, facts: WindowFacts, manifest: Manifest) -> str | None:
    """Whether the same version's performance is back within the margin, for sure: the whole interval must be."""
    alarm = next((loss for loss in version.losses if incident.loss and loss.metric == incident.loss.metric), None)
    if alarm is None:
        return None
    if version.realised and (change := version.realised.overall.changes.get(alarm.metric)):
        back = change.low is not None and change.low >= -_absolute_margin(alarm)
        return f"{alarm.metric} of {facts.window} is back within the margin, on {change.rows:,} rows" if back else None
    estimated = version.estimated.get(alarm.metric)
    if incident.cause != "estimated loss" or estimated is None or estimated.low is None or estimated.high is None:
        return None
    sign = find_metric(alarm.metric, manifest.contract.target.task).sign
    worst = min(sign * estimated.low, sign * estimated.high) - sign * alarm.trained
    return (
        f"the estimated {alarm.metric} of {facts.window} is back within the margin"
        if worst >= -_absolute_margin(alarm)
        else None
    )


def _close(state: MonitoringState, incident: Incident, end: datetime, why: str) -> MonitoringState:
    closed = _note(incident, end, f"recovered: {why}").model_copy(update={"status": "recovered", "closed_at": end})
    recovered = Announcement(
        id=f"{incident.id}/recovered", event="Model recovered", detail=closed.model_dump(mode="json")
    )
    return state.model_copy(update={"incident": closed, "collect_until": None, "outbox": (*state.outbox, recovered)})


def _report_drift(state: MonitoringState, facts: WindowFacts) -> MonitoringState:
    """Announce drift once for each version and set of columns."""
    for version in facts.versions:
        drifted = [column for column in version.columns if column.drifted]
        names = tuple(sorted(column.column for column in drifted))
        known = state.drift_reported.get(str(version.version), ())
        if not names or names in known:
            continue
        detail = {
            "model": facts.model,
            "version": version.version,
            "role": version.role,
            "window": facts.window,
            "columns": [column.model_dump(mode="json", exclude={"shares"}) for column in drifted],
        }
        drift = Announcement(id=f"drift/{facts.window}/v{version.version}", event="Model drifted", detail=detail)
        state = state.model_copy(
            update={
                "drift_reported": {**state.drift_reported, str(version.version): (*known, names)},
                "outbox": (*state.outbox, drift),
            }
        )
    return state


def after_collecting(
    state: MonitoringState, retraining: Retraining | None, waiting: str | None, until: datetime
) -> MonitoringState:
    """The state after an attempt to assemble the dataset: `retraining` is what came of it, None if it has to wait."""
    incident = state.open_incident
    if incident is None or state.collect_until != until:
        return state
    state = state.model_copy(update={"collect_until": None})
    if retraining is None:
        noted = f"retraining waits: {waiting}"
        # A day's wait for the same reason is no news.
        if any(step.what.startswith("retraining waits") for step in incident.steps):
            return state
        return state.model_copy(update={"incident": _note(incident, until, noted)})
    if retraining.refused:
        refused = incident.model_copy(update={"retraining": retraining})
        return _give_up(state, refused, until, f"no dataset could be assembled: {retraining.refused}")
    what = f"trains again on {retraining.rows:,} rows, {retraining.new_rows:,} of them labelled since"
    started = _note(incident.model_copy(update={"retraining": retraining, "status": "retraining"}), until, what)
    return state.model_copy(update={"incident": started, "retrained_at": until})


def after_training(
    state: MonitoringState, report: Mapping[str, Any] | None, champion: int | None, now: datetime
) -> MonitoringState:
    """The state after a look for training's report on the incident's dataset; None: there's none yet."""
    incident = state.incident
    retraining = incident.retraining if incident else None
    if incident is None or retraining is None or retraining.until is None:
        return state
    if incident.status == "recovered":
        return state if report is None else _complete(state, incident, retraining, report, champion)
    if report is None:
        overdue = retraining.until + REPORT_PATIENCE
        if retraining.outcome is not None or now < overdue:
            return state
        silent = incident.model_copy(update={"retraining": retraining.model_copy(update={"outcome": "no report"})})
        return _give_up(state, silent, overdue, f"training hasn't reported in {REPORT_PATIENCE.days * 24} hours")
    if retraining.outcome not in (None, "no report"):
        return state
    state = _complete(state, incident, retraining, report, champion)
    ended = state.incident
    assert ended is not None
    assert ended.retraining is not None
    outcome, at = str(ended.retraining.outcome), datetime.fromisoformat(report["checked_at"])
    if outcome != "promoted":
        return _give_up(state, ended, at, messages.explain_dead_end(outcome, report["reason"]))
    what = f"version {ended.retraining.version} is champion now"
    ended = _note(ended.model_copy(update={"status": "retraining"}), at, what)
    return state.model_copy(update={"incident": ended})


def _complete(
    state: MonitoringState,
    incident: Incident,
    retraining: Retraining,
    report: Mapping[str, Any],
    champion: int | None,
) -> MonitoringState:
    """The state with what training reported."""
    outcome, version = str(report["outcome"]), report.get("version")
    # A second delivery of the same upload reports "unchanged" in place of what the first one did.
    if outcome == "unchanged" and version == champion:
        outcome = "promoted"
    ended = retraining.model_copy(update={"outcome": outcome, "version": version})
    return state.model_copy(update={"incident": incident.model_copy(update={"retraining": ended})})


def _give_up(state: MonitoringState, incident: Incident, at: datetime, why: str) -> MonitoringState:
    """The incident's retraining didn't help, and there's no second: the next step is a person's."""
    stuck = _note(incident, at, f"dead end: {why}").model_copy(update={"status": "dead end"})
    failed = Announcement(
        id=f"{incident.id}/failed/{len(stuck.steps)}",
        event="Model retraining failed",
        detail=stuck.model_dump(mode="json"),
    )
    return state.model_copy(update={"incident": stuck, "outbox": (*state.outbox, failed)})


def _note(incident: Incident, at: datetime, what: str) -> Incident:
    return incident.model_copy(update={"steps": (*incident.steps, Step(at=at, what=what))})


def find_version(facts: WindowFacts, number: int) -> VersionFacts | None:
    """What a window says about a version, if it answered then."""
    return next((version for version in facts.versions if version.version == number), None)
