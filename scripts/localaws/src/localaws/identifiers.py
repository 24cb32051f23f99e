"""Identifiers that needn't be secret.

The standard library's `uuid4` and `secrets` ask the system for each, and so let another thread have the interpreter in
the middle of a request: at several hundred requests a second that costs more than the identifier.
"""

import time
from random import Random
from uuid import UUID

_random = Random()  # noqa: S311


def new_request_id() -> str:
    """A random UUID."""
    return str(UUID(int=_random.getrandbits(128), version=4))


def new_trace() -> str:
    """An X-Ray header that begins a trace, unsampled."""
    root, parent = _random.getrandbits(96), _random.getrandbits(64)
    return f"Root=1-{int(time.time()):08x}-{root:024x};Parent={parent:016x};Sampled=0"
