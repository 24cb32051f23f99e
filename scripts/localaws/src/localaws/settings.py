"""The settings of local AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from localaws.errors import LocalAwsError

ACCOUNT = "123456789012"
type IamMode = Literal["off", "report", "enforce"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Ports, folders, limits and delays of one local AWS.

    `http_port` is the port of the first HTTP API; each further API gets the next one. `async_retry_delays` are the
    seconds before the first and second retry of an asynchronous invocation (60 and 120 on AWS). `concurrency` is the
    account's limit of concurrent executions, `keep` the folder for persistent state, if any. `containers` is the URL of
    a `sam local start-lambda` that runs the functions instead of local AWS's sandboxes. `iam` says what becomes of a
    call that its caller's policies don't allow: nothing, a report of what is missing, or AWS's denial.
    """

    state: Path
    port: int = 4566
    http_port: int = 3000
    region: str = "us-east-1"
    stack_name: str = "local"
    async_retry_delays: tuple[float, float] = (1.0, 2.0)
    concurrency: int = 1000
    keep: Path | None = None
    containers: str | None = None
    iam: IamMode = "report"
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def endpoint_url(self) -> str:
        """The AWS endpoint, with a host name: moto takes 127.0.0.1 for a bucket called 127."""
        return f"http://localhost:{self.port}"


def region_of(environ: Mapping[str, str] = os.environ) -> str:
    """The region set in the environment, else us-east-1."""
    return environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def parse_parameters(pairs: list[str]) -> dict[str, str]:
    """Parse `Key=Value` pairs; raises LocalAwsError naming an invalid one."""
    parameters: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise LocalAwsError(f"--parameter {pair!r} isn't of the form Key=Value.")
        parameters[key] = value
    return parameters
