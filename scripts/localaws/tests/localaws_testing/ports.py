"""Free ports for servers that tests start."""

import random
import socket

# Below the ports that systems hand out by themselves, so that no outgoing connection takes one meanwhile.
FIRST, LAST = 20_000, 32_000
NEIGHBOURS = 4


def free_port() -> int:
    """A port on 127.0.0.1 that is free, as are the few after it, which further HTTP APIs get."""
    while True:
        port = random.randrange(FIRST, LAST - NEIGHBOURS)
        if all(_is_free(port + offset) for offset in range(NEIGHBOURS)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
