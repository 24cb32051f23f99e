"""Sends operations to a running local AWS."""

from __future__ import annotations

import argparse
import http.client
import json
from collections.abc import Callable, Mapping
from typing import Any

from localaws.admin import PREFIX
from localaws.errors import LocalAwsError
from localaws.settings import region_of

PORT = 4566
# A deployment may build for minutes between two lines of progress.
_TIMEOUT = 1800


class NotRunning(LocalAwsError):
    """No local AWS answers on this port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"No local AWS answers on port {port}. Start one with `localaws up TEMPLATE`, or name its port "
            "with --port PORT."
        )


def add_port(parser: argparse.ArgumentParser) -> None:
    """Add the option that selects the local AWS by its port."""
    parser.add_argument("--port", type=int, default=PORT, help=f"port of the running local AWS ({PORT})")


def call(port: int, operation: str, body: Mapping[str, Any], progress: Callable[[str], None] = print) -> dict[str, Any]:
    """Run an operation and return its result; `progress` gets its lines of progress. Raises LocalAwsError."""
    connection = http.client.HTTPConnection("localhost", port, timeout=_TIMEOUT)
    try:
        connection.request("POST", f"{PREFIX}{operation}", json.dumps(dict(body)))
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise NotRunning(port)
        for line in response:
            message = json.loads(line)
            if "progress" in message:
                progress(f"  {message['progress']}")
            elif "error" in message:
                raise _failure(message)
            else:
                return dict(message["result"])
    except (OSError, http.client.HTTPException):
        raise NotRunning(port) from None
    finally:
        connection.close()
    raise LocalAwsError(f"Local AWS on port {port} stopped before the operation ended.")


def client(port: int, service: str) -> Any:
    """An AWS client for the local AWS on that port."""
    # Imported here because the other commands don't need it.
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=f"http://localhost:{port}",
        region_name=region_of(),
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 (any value works)
        config=Config(retries={"max_attempts": 0}),
    )


def _failure(message: Mapping[str, Any]) -> LocalAwsError:
    error = LocalAwsError(message["error"])
    error.exit_code = message["exit_code"]
    return error
