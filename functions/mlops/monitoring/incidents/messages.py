"""What people read about an incident: plain text, short lines, readable on a phone."""

from datetime import datetime, timedelta

from mlops.monitoring.facts import Figure
from mlops.monitoring.incident import Incident
from mlops.spec.monitoring import Monitoring

MAX_SUBJECT = 100  # characters that SNS takes
_MAX_DRIFTED = 5

_HOW_SURE = {
    "realised loss": "It's measured on predictions whose truth is known.",
    "estimated loss": "It's an estimate from the model's answers: the truth of these predictions isn't known yet.",
    "drift": "Its inputs or answers changed; no loss is known yet.",
}
_CHANCE = "A version that is as good as it was ever alarms with a chance of at most 5 %."
HELP = (
    "  scripts/mlops monitor report {model}     what changed, in pictures\n"
    "  scripts/mlops models rollback {model}    the version before serves again, if this one brought the loss"
)
_DEAD_ENDS = {
    "kept": "the new version isn't better: the world got harder, not the model worse",
    "unchanged": "the new version isn't better: the world got harder, not the model worse",
    "waiting": "the new version can't be tried as a canary now",
    "refused": "the new version failed its gates",
    "held": "the new version waits for a person's approval",
    "rejected": "the dataset was rejected",
}


def describe_opening(incident: Incident) -> str:
    """What happened, in one sentence."""
    loss = incident.loss
    if loss:
        fell = f"{loss.metric} {_verb(loss.trained.value, loss.now.value)} from {loss.trained.value:.3g}"
        kind = "an estimated " if loss.basis == "estimated" else ""
        return f"{fell} to {kind}{_format(loss.now)}"
    if incident.cause == "drift":
        return f"drifted: {'; '.join(incident.drifted)}"
    return f"an alarm of {incident.cause}"


def write_subject(incident: Incident) -> str:
    """The subject of the message: one line of ASCII."""
    loss = incident.loss
    if loss:
        kind = "estimated " if loss.basis == "estimated" else ""
        what = f"{kind}{loss.metric} {_verb(loss.trained.value, loss.now.value)} to {loss.now.value:.3g}"
    else:
        what = "its inputs drifted" if incident.cause == "drift" else incident.cause
    subject = f"{incident.model} is degraded: {what} since {incident.since or incident.window}"
    return subject.encode("ascii", "replace").decode()[:MAX_SUBJECT]


def write_message(incident: Incident, rules: Monitoring, retrained_at: datetime | None) -> str:
    """The one message about an incident: what fell, since when, how sure, what changed before, and what helps."""
    parts = [
        f"{incident.model} is degraded: {describe_opening(incident)}.",
        f"Since: {incident.since or incident.window} (UTC).\nHow sure: {_HOW_SURE[incident.cause]} {_CHANCE}",
        "\n".join(("What changed before", *(f"- {line}" for line in _list_changes(incident)))),
        f"What happens next: {_describe_next(incident, rules, retrained_at)}",
        f"What helps\n{HELP.format(model=incident.model)}",
        f"Incident {incident.id}. No other message follows about it.",
    ]
    return "\n\n".join(parts) + "\n"


def explain_dead_end(outcome: str, reason: str) -> str:
    """Why a training didn't help."""
    return f"{_DEAD_ENDS.get(outcome, outcome)} (training: {reason})"


def cooled_down(retrained_at: datetime, rules: Monitoring) -> datetime:
    """From when on the model may be trained again by itself."""
    return retrained_at + timedelta(days=rules.cooldown_days)


def _list_changes(incident: Incident) -> list[str]:
    drifted = list(incident.drifted[:_MAX_DRIFTED])
    if more := len(incident.drifted) - len(drifted):
        drifted.append(f"{more} more columns drifted")
    return [
        incident.promoted_before,
        f"trained on {incident.dataset}",
        f"by code {incident.code}",
        *(drifted or ["no column is known to have drifted"]),
    ]


def _describe_next(incident: Incident, rules: Monitoring, retrained_at: datetime | None) -> str:
    if not rules.retrain:
        return "nothing by itself; the model's spec has retraining off."
    trains = f"it's trained again once {rules.retrain_rows:,} predictions since then have their truth"
    if retrained_at is not None and (earliest := cooled_down(retrained_at, rules)) > incident.opened_at:
        trains += f", and not before {earliest:%Y-%m-%d}, {rules.cooldown_days} days after the last time"
    return f"{trains}. If that helps, the new version serves by itself."


def _verb(before: float, now: float) -> str:
    return "fell" if now < before else "rose"


def _format(figure: Figure) -> str:
    rows = f"{figure.rows:,} rows"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3g} ({rows})"
    return f"{figure.value:.3g} ({figure.low:.3g} to {figure.high:.3g} at {figure.level:.0%}, {rows})"
