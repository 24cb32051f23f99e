"""Free ports for servers that tests start."""

import os
import random
import socket
from collections.abc import Iterator
from functools import cache
from itertools import cycle

# Below the ports that systems hand out by themselves, so that no outgoing connection takes one meanwhile.
FIRST, LAST = 20_000, 32_000
# The ports of a server: its own, and the few after it, which further HTTP APIs get.
BLOCK = 4
# Each of so many workers of pytest-xdist has ports of its own: what is free for one now, another might take first.
WORKERS = 4


def free_port() -> int:
    """A port on 127.0.0.1 that is free, as are the few after it; this process doesn't get them again for long."""
    return next(port for port in _own_blocks() if all(_is_free(port + offset) for offset in range(BLOCK)))


def blocks(worker: str | None) -> range:
    """The first port of each block that a worker, such as gw0, may use; those of all where there are no workers."""
    every = range(FIRST, LAST, BLOCK)
    return every if worker is None else every[int(worker.removeprefix("gw")) % WORKERS :: WORKERS]


@cache
def _own_blocks() -> Iterator[int]:
    """The blocks of this process, round and round from any one of them."""
    own = blocks(os.environ.get("PYTEST_XDIST_WORKER"))
    start = random.randrange(len(own))
    return cycle([*own[start:], *own[:start]])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
