"""Work is shared by the cores, and each part of it has one thread."""

import threading
import time

import pytest
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import threadpool_info

from mlops.training.search.cores import Cores


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_results_come_in_the_order_of_the_items() -> None:
    def work(item: int) -> int:
        time.sleep(0.01 * (3 - item))
        return item

    with Cores(4) as cores:
        assert cores.map(work, range(4)) == [0, 1, 2, 3]


def test_parts_run_at_once() -> None:
    meeting = threading.Barrier(2, timeout=10)
    with Cores(2) as cores:
        cores.map(lambda _: meeting.wait(), range(2))


def test_within_a_part_there_is_one_thread_and_afterwards_all_are_as_before() -> None:
    before = _openmp_effective_n_threads(), blas_threads()
    with Cores(2) as cores:
        assert cores.map(lambda _: _openmp_effective_n_threads(), range(4)) == [1] * 4
        assert _openmp_effective_n_threads() == 1
        assert blas_threads() == {1}
    assert (_openmp_effective_n_threads(), blas_threads()) == before


def test_what_fails_in_a_part_is_raised_and_the_limits_are_lifted() -> None:
    before = _openmp_effective_n_threads()
    with pytest.raises(ZeroDivisionError), Cores(2) as cores:
        cores.map(lambda item: 1 // item, range(2))
    assert _openmp_effective_n_threads() == before
