"""Unit tests open no socket."""

from collections.abc import Iterator

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def _no_socket() -> Iterator[None]:
    # An event loop wakes itself through a Unix socket pair.
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
