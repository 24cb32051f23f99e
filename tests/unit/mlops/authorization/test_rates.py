"""A token bucket for each caller."""

import pytest

from mlops.authorization.rates import _MOST_KEPT, BURST, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("rate", [0.25, 1.0, 5.0, 40.0])
def test_a_caller_gets_its_rate_and_what_comes_at_once(rate: float) -> None:
    clock = Clock()
    rates = Rates(rate, clock=clock)
    at_once = max(1, int(BURST * rate))
    assert [rates.take("ann") for _ in range(at_once)] == [0.0] * at_once
    wait = rates.take("ann")
    assert 0 < wait <= 1 / rate
    # The one who waits as long as was said may pass, and nobody before.
    clock.now += wait * 0.99
    assert rates.take("ann") > 0
    clock.now += wait * 0.02
    assert rates.take("ann") == 0
    passed = 0
    for _ in range(1000):
        clock.now += 0.1
        while rates.take("ann") == 0:
            passed += 1
    assert passed == pytest.approx(100 * rate, abs=2)


def test_a_caller_doesnt_wait_for_another() -> None:
    rates = Rates(1, clock=Clock())
    while rates.take("bob") == 0:
        pass
    assert rates.take("ann") == 0


def test_the_memory_is_bounded_and_who_asked_last_stays() -> None:
    rates = Rates(1, clock=Clock())
    while rates.take("ann") == 0:
        pass
    for number in range(_MOST_KEPT - 1):
        rates.take(str(number))
    assert rates.take("ann") > 0
    for number in range(_MOST_KEPT - 1):
        rates.take(f"more {number}")
    assert rates.take("ann") > 0
    assert len(rates._buckets) == _MOST_KEPT
