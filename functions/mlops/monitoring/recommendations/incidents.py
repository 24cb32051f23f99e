"""When a recommender has an incident, and when it's over. No input or output: facts in, the next state out."""

from datetime import datetime

from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident, Loss
from mlops.monitoring.incidents.messages import cooled_down, describe_opening, write_subject
from mlops.monitoring.incidents.transitions import close, note
from mlops.monitoring.recommendations.messages import write_message
from mlops.monitoring.recommender_facts import ClickTestFacts
from mlops.monitoring.state import Announcement, MonitoringState
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.spec.monitoring import Monitoring

METRIC = "click-through"


def after_recommender_day(
    state: MonitoringState,
    facts: WindowFacts,
    end: datetime,
    manifest: RecommenderManifest,
    promotion: str,
    rules: Monitoring,
) -> MonitoringState:
    """The state after a day that ended at `end`, in which the version served last that `promotion` made champion."""
    test = facts.recommendations.test if facts.recommendations else None
    if test is None:
        return state
    incident = state.open_incident
    if incident is None:
        return _open(state, facts, test, end, manifest, promotion, rules) if test.alarm else state
    if recovery := _find_recovery(test, facts.window):
        return close(state, incident, end, recovery)
    return state.model_copy(update={"collect_until": end}) if _learns(state, incident, end, rules) else state


def _open(
    state: MonitoringState,
    facts: WindowFacts,
    test: ClickTestFacts,
    end: datetime,
    manifest: RecommenderManifest,
    promotion: str,
    rules: Monitoring,
) -> MonitoringState:
    assert test.usual is not None
    incident = Incident(
        id=f"{facts.window}-v{manifest.version}",
        model=facts.model,
        version=manifest.version,
        cause="fewer clicks",
        status="open",
        opened_at=end,
        window=facts.window,
        since=facts.window,
        loss=Loss(
            basis="realised",
            metric=METRIC,
            trained=test.usual,
            now=test.clicks,
            since=facts.window,
            margin=test.margin * test.usual.value,
        ),
        dataset=manifest.dataset.uri,
        code=manifest.code.commit,
        promoted_before=promotion,
    )
    learns = _learns(state, incident, end, rules)
    incident = note(incident, end, describe_opening(incident))
    degraded = Announcement(
        id=f"{incident.id}/degraded", event="Model degraded", detail=incident.model_dump(mode="json")
    )
    message = Announcement(
        id=f"{incident.id}/message", subject=write_subject(incident), text=write_message(incident, test, learns=learns)
    )
    return state.model_copy(
        update={
            "incident": incident,
            "collect_until": end if learns else None,
            "outbox": (*state.outbox, degraded, message),
        }
    )


def _find_recovery(test: ClickTestFacts, window: str) -> str | None:
    """Why the model is well again, or None: its clicks are back within the margin, or there's no telling any more.

    Days with an alarm are none of the usual ones: after weeks of them too few are left, and what was an alarm is what's
    usual now. A day of too few answers says nothing.
    """
    if test.limit is not None:
        back = test.clicks.value >= test.limit
        return f"click-through of {window} is back within the margin, on {test.clicks.rows:,} answers" if back else None
    if test.changed:
        return f"click-through has been different for so long that it's what's usual now ({test.days} days are left)"
    return None


def _learns(state: MonitoringState, incident: Incident, end: datetime, rules: Monitoring) -> bool:
    if not rules.retrain or incident.retraining is not None or incident.status != "open":
        return False
    return state.retrained_at is None or end >= cooled_down(state.retrained_at, rules)
