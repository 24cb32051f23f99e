"""The steps that an incident takes: something is noted, it ends well, or it ends dead."""

from datetime import datetime

from mlops.monitoring.incident import Incident, Step
from mlops.monitoring.state import Announcement, MonitoringState


def give_up(state: MonitoringState, incident: Incident, at: datetime, why: str) -> MonitoringState:
    """The incident's retraining didn't help, and there's no second: the next step is a person's."""
    stuck = note(incident, at, f"dead end: {why}").model_copy(update={"status": "dead end"})
    failed = Announcement(
        id=f"{incident.id}/failed/{len(stuck.steps)}",
        event="Model retraining failed",
        detail=stuck.model_dump(mode="json"),
    )
    return state.model_copy(update={"incident": stuck, "outbox": (*state.outbox, failed)})


def note(incident: Incident, at: datetime, what: str) -> Incident:
    return incident.model_copy(update={"steps": (*incident.steps, Step(at=at, what=what))})


def close(state: MonitoringState, incident: Incident, end: datetime, why: str) -> MonitoringState:
    closed = note(incident, end, f"recovered: {why}").model_copy(update={"status": "recovered", "closed_at": end})
    recovered = Announcement(
        id=f"{incident.id}/recovered", event="Model recovered", detail=closed.model_dump(mode="json")
    )
    return state.model_copy(update={"incident": closed, "collect_until": None, "outbox": (*state.outbox, recovered)})
