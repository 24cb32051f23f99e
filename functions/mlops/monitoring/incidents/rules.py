"""When an incident opens, what becomes of it, and when it's over. No input or output: facts in, the next state out.

Times are those of windows and of training's reports, never those of a run: runs that were missed, repeated or killed
end in the same state.
"""

from datetime import datetime

from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Cause, Incident
from mlops.monitoring.incidents import messages
from mlops.monitoring.incidents.champion import Champion
from mlops.monitoring.incidents.loss_alarm import describe_loss, find_alarm, find_version
from mlops.monitoring.incidents.recovery import find_recovery
from mlops.monitoring.incidents.transitions import close, give_up, note
from mlops.monitoring.state import Announcement, MonitoringState
from mlops.spec.monitoring import Monitoring


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
    alarm = find_alarm(version, facts)
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
        loss=describe_loss(alarm, version, facts, manifest) if alarm else None,
        drifted=tuple(column.sentence or column.column for column in drifted),
        dataset=manifest.dataset.uri,
        code=manifest.code.commit,
        promoted_before=champion.promotion,
        since=since or min((f"{column.since}" for column in drifted if column.since), default=facts.window),
    )
    state = state.model_copy(update={"incident": incident})
    retrains = _may_collect(state, incident, end, rules)
    incident = note(incident, end, messages.describe_opening(incident))
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
    recovery = find_recovery(incident, version, facts, champion.manifest) if version else None
    if recovery:
        return close(state, incident, end, recovery)
    replaced = champion.manifest.version != incident.version
    if replaced and version and any(loss.alarm for loss in version.losses) and incident.status == "retraining":
        reason = f"version {version.version} is no better: it lost more than the margin too"
        return give_up(state, incident, end, reason)
    if not replaced and _may_collect(state, incident, end, rules):
        return state.model_copy(update={"collect_until": end})
    return state


def _may_collect(state: MonitoringState, incident: Incident, end: datetime, rules: Monitoring) -> bool:
    if not rules.retrain or incident.retraining is not None or incident.status != "open":
        return False
    return state.retrained_at is None or end >= messages.cooled_down(state.retrained_at, rules)


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
