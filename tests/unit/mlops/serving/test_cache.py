"""What is kept of the registry is as old as it may be, and read by one caller at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from obstore.exceptions import GenericError

from mlops.serving.cache import Cached
from tests.unit.mlops.serving.fakes import Clock


class Source:
    def __init__(self) -> None:
        self.reads = 0
        self.error: Exception | None = None

    def __call__(self) -> int:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return self.reads


def test_a_value_is_read_again_once_it_is_old_or_the_clock_went_back() -> None:
    clock, source = Clock(), Source()
    cached = Cached(source, 3, clock)
    assert [cached.get() for _ in range(3)] == [1, 1, 1]
    clock.now += 2.9
    assert cached.get() == 1
    clock.now += 0.1
    assert cached.get() == 2
    clock.now -= 100
    assert cached.get() == 3


def test_with_no_seconds_each_caller_reads() -> None:
    cached = Cached(Source(), 0, Clock())
    assert [cached.get() for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("error", [GenericError("gone"), OSError("no credentials")])
def test_a_registry_that_cant_be_read_isnt_asked_again_at_once(error: Exception) -> None:
    clock, source = Clock(), Source()
    source.error = error
    cached = Cached(source, 3, clock)
    for _ in range(3):
        with pytest.raises(type(error)):
            cached.get()
    assert source.reads == 1
    source.error = None
    clock.now += 3
    assert cached.get() == 2


def test_another_error_is_not_kept() -> None:
    source = Source()
    source.error = KeyError("x")
    cached = Cached(source, 3, Clock())
    for _ in range(2):
        with pytest.raises(KeyError):
            cached.get()
    assert source.reads == 2


def test_many_callers_at_once_read_once() -> None:
    wait, reads = Event(), []

    def read() -> int:
        assert wait.wait(30)
        reads.append(1)
        return len(reads)

    cached = Cached(read, 3, Clock())
    with ThreadPoolExecutor(8) as pool:
        callers = [pool.submit(cached.get) for _ in range(8)]
        wait.set()
        assert {caller.result() for caller in callers} == {1}
    assert len(reads) == 1
