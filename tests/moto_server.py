"""A server of moto, for clients in several processes or that aren't boto3's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer


@contextmanager
def moto_server(patch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty server on a free port, whose address this is; the environment's AWS settings point at it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    settings = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in settings.items():
        patch.setenv(name, value)
    patch.setattr(boto3, "DEFAULT_SESSION", None)
    # All servers of a process share moto's memory.
    httpx.post(f"{address}/moto-api/reset").raise_for_status()
    try:
        yield address
    finally:
        server.stop()
