"""How often a caller may ask: a token bucket for each."""

import threading
import time
from collections.abc import Callable

# Seconds of a caller's rate that may come at once.
BURST = 2.0
_MOST_KEPT = 10_000


class Rates:
    """Admits `rate` requests a second of each caller on average, and as many at once as come in BURST seconds.

    It counts what this process answers. It can be used from several threads.
    """

    def __init__(self, rate: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._most = max(1.0, BURST * rate)
        self._lock = threading.Lock()
        # Caller → the tokens that were left, and when that was; the one that was asked for longest ago comes first.
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> float:
        """The seconds until the caller may ask again; 0 if the request may pass."""
        now = self._clock()
        with self._lock:
            left, at = self._buckets.pop(caller, (self._most, now))
            left = min(self._most, left + (now - at) * self._rate)
            passes = left >= 1
            self._buckets[caller] = (left - 1 if passes else left, now)
            # Who was forgotten begins anew, so nobody can fill the memory, and nobody waits for another's requests.
            while len(self._buckets) > _MOST_KEPT:
                del self._buckets[next(iter(self._buckets))]
        return 0.0 if passes else (1 - left) / self._rate
