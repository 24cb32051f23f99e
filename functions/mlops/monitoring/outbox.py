"""Sends what a state has to announce: once, unless a run dies between sending and noting that it was sent.

A run claims an announcement by a conditional write before it sends it. A claim that was never resolved expires, and
then another run sends it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mlops.errors.monitoring import MonitoringMoved
from mlops.monitoring.announce import Announcer
from mlops.monitoring.state import Announcement, Claim, Held, MonitoringState, States


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """Sends announcements as the run `name`. `lease` is how long a claim holds: longer than a run can last."""

    states: States
    announcer: Announcer
    clock: Callable[[], datetime]
    lease: timedelta
    name: str

    def drain(self, held: Held) -> Held:
        """Send all that nobody else has claimed; the state afterwards. Raises what sending raises, after unclaiming."""
        while (waiting := self._find(held.state)) is not None:
            try:
                held = self._claim(held, waiting)
            except MonitoringMoved:
                held = self.states.load(held.state.model)
                continue
            try:
                self.announcer.send(waiting)
            except Exception:
                self._resolve(held, waiting, sent=False)
                raise
            held = self._resolve(held, waiting, sent=True)
        return held

    def _find(self, state: MonitoringState) -> Announcement | None:
        now = self.clock()
        return next((each for each in state.outbox if each.claim is None or each.claim.until <= now), None)

    def _claim(self, held: Held, waiting: Announcement) -> Held:
        claim = Claim(by=self.name, until=self.clock() + self.lease)
        return self.states.save(held, _replace(held.state, waiting.id, waiting.model_copy(update={"claim": claim})))

    def _resolve(self, held: Held, waiting: Announcement, *, sent: bool) -> Held:
        """Take it out of the outbox, or give the claim back; nothing if another run has claimed it since."""

        def change(state: MonitoringState) -> MonitoringState:
            found = next((each for each in state.outbox if each.id == waiting.id), None)
            if found is None or found.claim is None or found.claim.by != self.name:
                return state
            return _replace(state, waiting.id, None if sent else waiting.model_copy(update={"claim": None}))

        try:
            # Without reading it first: whoever dies before this write has it sent twice.
            return self.states.save(held, change(held.state))
        except MonitoringMoved:
            return self.states.update(held.state.model, change)


def _replace(state: MonitoringState, announcement: str, new: Announcement | None) -> MonitoringState:
    outbox = tuple(new if each.id == announcement else each for each in state.outbox)
    return state.model_copy(update={"outbox": tuple(each for each in outbox if each is not None)})
