from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Small models fit many times faster on one thread than on threads that wait for each other on a busy machine."""
    with threadpool_limits(1):
        yield
