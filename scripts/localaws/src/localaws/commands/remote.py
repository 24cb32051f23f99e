"""Asks a local AWS that runs already."""

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
# A deployment may build for minutes between two lines of what it does.
_PATIENCE = 1800


class NotRunning(LocalAwsError):
    """No local AWS answers there."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"No local AWS answers on port {port}. Start one with `localaws up TEMPLATE`, or name its port "
            "with --port PORT."
        )


def add_port(parser: argparse.ArgumentParser) -> None:
    """Give a command the option that says which local AWS it means."""
    parser.add_argument("--port", type=int, default=PORT, help=f"port of the local AWS that runs ({PORT})")


def ask(port: int, operation: str, body: Mapping[str, Any], say: Callable[[str], None] = print) -> dict[str, Any]:
    """Carry out an operation and give its answer; `say` gets what it does meanwhile. Raises LocalAwsError."""
    connection = http.client.HTTPConnection("localhost", port, timeout=_PATIENCE)
    try:
        connection.request("POST", f"{PREFIX}{operation}", json.dumps(dict(body)))
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise NotRunning(port)
        for line in response:
            told = json.loads(line)
            if "say" in told:
                say(f"  {told['say']}")
            elif "failed" in told:
                raise _failure(told)
            else:
                return dict(told["done"])
    except (OSError, http.client.HTTPException):
        raise NotRunning(port) from None
    finally:
        connection.close()
    raise LocalAwsError(f"Local AWS on port {port} stopped before it had answered.")


def client(port: int, service: str) -> Any:
    """An AWS client for the local AWS on that port."""
    # Loaded here because the other commands do without.
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=f"http://localhost:{port}",
        region_name=region_of(),
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 (any will do)
        config=Config(retries={"max_attempts": 0}),
    )


def _failure(told: Mapping[str, Any]) -> LocalAwsError:
    error = LocalAwsError(told["failed"])
    error.exit_code = told["exit_code"]
    return error
