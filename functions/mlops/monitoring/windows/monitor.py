"""One look at one window of a model: its facts, and the state that the next look goes on from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops.monitoring.facts import WindowFacts
from mlops.records.window import Window
from mlops.registry.store import Store
from mlops.spec import ModelSpec

if TYPE_CHECKING:
    from obstore.store import ObjectStore

type State = Mapping[str, Any]
"""A model's state between two looks, ready for JSON: nobody else needs to read it."""


@dataclass(frozen=True)
class Look:
    """What a look found, and the model's state after it."""

    facts: WindowFacts
    state: State


@dataclass(frozen=True)
class Monitor:
    """Looks at windows of the models in a registry.

    `records` is the records bucket. `load_spec` gives a model's spec, whose metric and margin decide what a loss is; it
    raises SpecInvalid where there's none, and then no loss is tested.
    """

    registry: Store
    records: "ObjectStore"
    load_spec: Callable[[str], ModelSpec]

    def look(self, model: str, window: Window, state: State | None) -> Look:
        """The facts of a whole day, or those of an hour about traffic alone, which leave the state as it is.

        The same window, records and state before (None before the first look) give the same result. Days are looked at
        in order: raises ValueError for one that isn't after the last one, and for a window that's neither a day nor an
        hour.
        """
        raise NotImplementedError


def restart_tests(state: State, version: int) -> State:
    """The state with the version's tests for loss begun anew, as after an incident is closed: alarms are for good."""
    raise NotImplementedError
