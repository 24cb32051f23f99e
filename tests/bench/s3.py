"""The S3 of this machine: moto's server."""

import http.client
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from localaws_testing.ports import free_port
from tests.bench.places import ROOT
from tests.bench.processes import running


@contextmanager
def local_s3() -> Iterator[dict[str, str]]:
    """Run it, empty; gives the environment variables that lead to it."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, {**os.environ, "PYTHONWARNINGS": "ignore"}, ROOT) as process:
        while not _is_up(port):
            if process.poll() is not None:
                raise RuntimeError("moto's server didn't start")
            time.sleep(0.05)
        found = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        os.environ |= found  # clients of this process read them there
        yield found


def _is_up(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/moto-api/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
