"""How a recommender's answers are judged by what their users do with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClickThrough:
    """Which events count as a click and as a conversion, and when a day has so few clicks that it's an incident.

    `clicks` are names of events: every event of a weight above 0 if there are none here. `conversions` likewise: those
    of the largest weight, if there are several weights above 0.

    A day is compared with the days before it if it has `fewest_answers`. It's an incident if its share of answers with
    a click is lower than theirs by more than the share `margin`, for sure.
    """

    clicks: tuple[str, ...] = ()
    conversions: tuple[str, ...] = ()
    margin: float = 0.2
    fewest_answers: int = 200

    def faults(self, events: Mapping[str, float | None]) -> Iterator[str]:
        """What can't be, as sentences; `events` are the contract's."""
        for name in ("clicks", "conversions"):
            if unknown := sorted(set(getattr(self, name)) - set(events)):
                yield f"click_through's {name} name {', '.join(unknown)}, which are no events of the spec"
        if not 0 <= self.margin < 1:
            yield f"click_through's margin is {self.margin}; it must be at least 0 and less than 1"
        if self.fewest_answers < 1:
            yield f"click_through's fewest_answers is {self.fewest_answers}; it must be at least 1"

    def click_names(self, events: Mapping[str, float | None]) -> tuple[str, ...]:
        """The events that count as a click."""
        return self.clicks or tuple(name for name, weight in events.items() if weight is not None and weight > 0)

    def conversion_names(self, events: Mapping[str, float | None]) -> tuple[str, ...]:
        """The events that count as a conversion; none if nothing tells them from clicks."""
        if self.conversions:
            return self.conversions
        weights = {weight for weight in events.values() if weight is not None and weight > 0}
        if len(weights) < 2:
            return ()
        return tuple(name for name, weight in events.items() if weight == max(weights))
