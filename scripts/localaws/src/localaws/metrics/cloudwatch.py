"""CloudWatch of one region: its metrics and alarms."""

from __future__ import annotations

from collections.abc import Callable

from localaws.clock import Clock
from localaws.metrics.alarms.notifier import Publish, Send
from localaws.metrics.alarms.watch import Alarms
from localaws.metrics.store import MetricStore


class CloudWatch:
    """A store of metrics, and its alarms.

    `publish` puts an event on the default bus, `send` delivers an alarm's action, `settle` returns when all events
    logged so far have been processed to metrics.
    """

    def __init__(
        self,
        store: MetricStore,
        region: str,
        clock: Clock,
        publish: Publish,
        send: Send,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self.clock, self.settle = clock, settle
        self.store = store
        self.alarms = Alarms(self.store, region, publish, send, settle)

    def reset(self) -> None:
        """Delete all metrics and alarms."""
        self.store.clear()
        self.alarms.clear()
