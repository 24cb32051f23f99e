"""What is announced of canaries, from the history of the challenger's alias: each start and each end, once.

Whoever moved the alias, the next run sees it: what is announced depends on the history alone.
"""

from collections.abc import Iterator
from datetime import datetime

from mlops.monitoring.canary_facts import CanaryFacts
from mlops.monitoring.incidents.transitions import give_up
from mlops.monitoring.state import Announcement, EventName, MonitoringState
from mlops.registry.aliases import Alias, Move

MAX_SUBJECT = 100  # characters that SNS takes


def unreported(state: MonitoringState, challenger: Alias | None) -> tuple[Move, ...]:
    """The moves of the challenger's alias that no run has reported."""
    return challenger.history[state.challenger_moves :] if challenger else ()


def after_moves(
    state: MonitoringState, challenger: Alias, champion: Alias, facts: CanaryFacts | None
) -> MonitoringState:
    """The state with the news of a model's canaries to be sent; `facts` are those of the last look at the last one."""
    history = challenger.history
    for place in range(state.challenger_moves, len(history)):
        move, before = history[place], history[place - 1] if place else None
        news: list[Announcement] = []
        if before is not None and before.canary is not None and before.action == "promotion":
            promoted = _became_champion(before, move, champion)
            news += _describe_end(state.model, place, before, move, facts, promoted=promoted)
            state = state if promoted else _end_retraining(state, move)
        if move.canary is not None and move.action == "promotion":
            news.append(_describe_start(state.model, place, move))
        state = state.model_copy(update={"outbox": (*state.outbox, *news)})
    return state.model_copy(update={"challenger_moves": len(history)})


def _became_champion(start: Move, end: Move, champion: Alias) -> bool:
    """Whether the version that was tried is what the champion was moved to next, by its acceptance or by a person."""
    assert start.canary is not None
    later = champion.history[start.canary.moves :]
    if not later or later[0].version != start.version:
        return False
    return end.action == "acceptance" or later[0].at <= end.at


def _describe_start(model: str, place: int, move: Move) -> Announcement:
    canary = move.canary
    assert canary is not None
    detail = {
        "model": model,
        "version": move.version,
        "against": canary.against,
        "share": move.share,
        "until": canary.until.isoformat(),
        "by": move.by,
        "why": move.why,
        "at": move.at.isoformat(),
    }
    return Announcement(id=_name(place, "started"), event="Model canary started", detail=detail)


def _describe_end(
    model: str, place: int, start: Move, end: Move, facts: CanaryFacts | None, *, promoted: bool
) -> Iterator[Announcement]:
    assert start.canary is not None
    event: EventName = "Model canary promoted" if promoted else "Model canary withdrawn"
    own = facts if facts and (facts.version, facts.started) == (start.version, start.at) else None
    detail = {
        "model": model,
        "version": start.version,
        "against": start.canary.against,
        "share": start.share,
        "started": start.at.isoformat(),
        "at": end.at.isoformat(),
        "by": end.by,
        "why": end.why,
        "observed": own.model_dump(mode="json") if own else None,
    }
    yield Announcement(id=_name(place, "ended"), event=event, detail=detail)
    what = "is champion" if promoted else "is withdrawn"
    subject = f"{model}: version {start.version} {what} after its canary"
    help_with = (
        f"scripts/mlops models rollback {model}     version {start.canary.against} serves again"
        if promoted
        else f"scripts/mlops models show {model} {start.version}     its gates and metrics"
    )
    text = "\n".join(
        (
            f"{subject}.",
            "",
            f"Why: {end.why} ({end.by}).",
            f"It answered {start.share:.1%} of the requests next to version {start.canary.against} "
            f"from {_at(start.at)} to {_at(end.at)}.",
            "",
            "What helps",
            f"  scripts/mlops models canary status {model}     what was observed",
            f"  {help_with}",
            "",
        )
    )
    yield Announcement(
        id=_name(place, "message"), subject=subject.encode("ascii", "replace").decode()[:MAX_SUBJECT], text=text
    )


def _end_retraining(state: MonitoringState, end: Move) -> MonitoringState:
    """The state where the version that an incident's retraining made was tried, and didn't become champion."""
    incident = state.open_incident
    retraining = incident.retraining if incident else None
    if incident is None or retraining is None or retraining.version != end.version or incident.status != "retraining":
        return state
    return give_up(state, incident, end.at, f"version {end.version} was withdrawn after its canary: {end.why}")


def _name(place: int, what: str) -> str:
    """The announcement's name; `place` is that of the move in the alias's history."""
    return f"canary/{place}/{what}"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
