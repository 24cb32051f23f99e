"""What becomes of an incident's retraining: the dataset is assembled, and training reports on it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mlops.monitoring.incident import Incident, Retraining
from mlops.monitoring.incidents import messages
from mlops.monitoring.incidents.transitions import give_up, note
from mlops.monitoring.state import MonitoringState

REPORT_PATIENCE = timedelta(hours=24)
"""How long training may take to report on a dataset, its retries included."""

_STANDINGS = {"promoted": "is champion now", "canary": "is tried as a canary"}


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
        return state.model_copy(update={"incident": note(incident, until, noted)})
    if retraining.refused:
        refused = incident.model_copy(update={"retraining": retraining})
        return give_up(state, refused, until, f"no dataset could be assembled: {retraining.refused}")
    what = f"trains again on {retraining.rows:,} rows, {retraining.new_rows:,} of them new since then"
    started = note(incident.model_copy(update={"retraining": retraining, "status": "retraining"}), until, what)
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
        return give_up(state, silent, overdue, f"training hasn't reported in {REPORT_PATIENCE.days * 24} hours")
    if retraining.outcome not in (None, "no report"):
        return state
    state = _complete(state, incident, retraining, report, champion)
    ended = state.incident
    assert ended is not None
    assert ended.retraining is not None
    outcome, at = str(ended.retraining.outcome), datetime.fromisoformat(report["checked_at"])
    if outcome not in ("promoted", "canary"):
        return give_up(state, ended, at, messages.explain_dead_end(outcome, report["reason"]))
    what = f"version {ended.retraining.version} {_STANDINGS[outcome]}"
    ended = note(ended.model_copy(update={"status": "retraining"}), at, what)
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
