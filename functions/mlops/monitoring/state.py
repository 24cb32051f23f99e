"""The state of a model's monitoring: moved from one to the next by conditional writes, so that runs never mix."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError
from pydantic import BaseModel, ConfigDict

from mlops.errors.monitoring import MonitoringMoved
from mlops.monitoring.incident import Incident
from mlops.monitoring.layout import state_key

if TYPE_CHECKING:
    from obstore import UpdateVersion
    from obstore.store import ObjectStore

type EventName = Literal[
    "Model degraded",
    "Model drifted",
    "Model recovered",
    "Model retraining failed",
    "Model canary started",
    "Model canary promoted",
    "Model canary withdrawn",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Claim(_Frozen):
    """A run's claim to send an announcement; after `until` it counts as dead, and another run may send it."""

    by: str
    until: datetime


class Announcement(_Frozen):
    """What is still to be sent: an event with its detail, or, with a subject, a message to people."""

    id: str
    event: EventName | None = None
    detail: dict[str, Any] = {}
    subject: str | None = None
    text: str | None = None
    claim: Claim | None = None


class NextTraining(_Frozen):
    """When monitoring may have a model trained again, at the earliest: in the first run that isn't before `due`.

    Of a recommender's `events`, or of the `feedback` on a model in an incident. `waits` says what else it waits for.
    """

    due: datetime
    source: Literal["events", "feedback"]
    waits: str | None = None


class MonitoringState(_Frozen):
    """What monitoring knows of a model between two runs.

    `hourly` and `daily` are the last windows that were looked at, `looks` is what the looks at windows keep for
    themselves. `incident` is the open one, or the last. `collect_until` is set while a dataset is to be assembled: from
    the truths received before then. `retrained_at` is that time of the last dataset. `drift_reported` has, by version,
    the sets of columns whose drift was announced. `challenger_moves` is how many moves of the challenger's alias were
    reported. `next_training` is when it may be trained again by itself, None where nothing of that kind is to come.
    """

    model: str
    hourly: str | None = None
    daily: str | None = None
    looks: dict[str, Any] | None = None
    incident: Incident | None = None
    collect_until: datetime | None = None
    retrained_at: datetime | None = None
    drift_reported: dict[str, tuple[tuple[str, ...], ...]] = {}
    challenger_moves: int = 0
    next_training: NextTraining | None = None
    outbox: tuple[Announcement, ...] = ()

    @property
    def open_incident(self) -> Incident | None:
        """The incident, unless it's over."""
        return self.incident if self.incident and self.incident.status != "recovered" else None


@dataclass(frozen=True)
class Held:
    """A state as it was read; `tag` identifies it, None where there's none yet."""

    state: MonitoringState
    tag: str | None


class States:
    """The states of all models, in the records bucket."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    def load(self, model: str) -> Held:
        """A model's state; a new one if it was never monitored."""
        try:
            found = obstore.get(self._store, state_key(model))
        except FileNotFoundError:
            return Held(MonitoringState(model=model), None)
        return Held(MonitoringState.model_validate_json(bytes(found.bytes())), found.meta["e_tag"])

    def save(self, held: Held, state: MonitoringState) -> Held:
        """Replace the state that is held. Raises MonitoringMoved if another run has replaced it since it was read."""
        if state == held.state and held.tag is not None:
            return held
        condition: Literal["create"] | UpdateVersion = "create" if held.tag is None else {"e_tag": held.tag}
        content = state.model_dump_json().encode()
        try:
            tag = obstore.put(self._store, state_key(state.model), content, mode=condition)["e_tag"]
        except (AlreadyExistsError, PreconditionError):
            raise MonitoringMoved(state.model) from None
        return Held(state, tag)

    def update(self, model: str, change: Callable[[MonitoringState], MonitoringState]) -> Held:
        """Change whatever the state is by now."""
        while True:
            held = self.load(model)
            try:
                return self.save(held, change(held.state))
            except MonitoringMoved:
                continue
