"""How many asynchronous calls run at once."""

from __future__ import annotations

from localaws.lambdas.asynchronous import Growth


def begun(growth: Growth, now: float) -> int:
    """The number of calls that may begin now."""
    count = 0
    while growth.wait(now) == 0:
        growth.begin()
        count += 1
        assert count <= 1000
    return count


def test_a_burst_of_calls_that_end_keeps_to_a_few() -> None:
    growth, now = Growth(1000), 100.0
    running = begun(growth, now)
    for _ in range(50):
        now += 0.1
        growth.end(now)
        assert begun(growth, now) == 1
    assert running <= 24


def test_more_run_while_none_ends_up_to_the_accounts_limit() -> None:
    growth, now, running = Growth(60), 100.0, 0
    for _ in range(20):
        running += begun(growth, now)
        now += 0.3
    assert running == 60
    for _ in range(60):
        growth.end(now)
    assert begun(growth, now) == 16


def test_an_account_may_allow_fewer() -> None:
    growth = Growth(2)
    assert (begun(growth, 100.0), begun(growth, 200.0)) == (2, 0)
    assert growth.wait(200.1) > 0
