"""A CloudWatch Logs Insights query: started, polled, and its rows."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from mlops.errors.operations import QueryFailed

type Row = dict[str, str]

_RUNNING = ("Scheduled", "Running")
_POLL_SECONDS = 0.2


def run_query(
    client: Any,
    text: str,
    groups: Sequence[str],
    period: tuple[float, float],
    *,
    limit: int = 1_000,
    wait: float = math.inf,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Row]:
    """The rows of a query, each a field-to-value mapping without @ptr.

    `client` is boto3's for CloudWatch Logs, `period` from when to when the logs are read, in epoch seconds. A query
    that isn't over after `wait` seconds is stopped. Raises QueryFailed.
    """
    start, end = period
    identity = client.start_query(
        logGroupNames=list(groups), startTime=int(start), endTime=int(end), queryString=text, limit=limit
    )["queryId"]
    until = clock() + wait
    answer = client.get_query_results(queryId=identity)
    while answer["status"] in _RUNNING:
        if clock() >= until:
            client.stop_query(queryId=identity)
            raise QueryFailed(f"it wasn't over after {wait:.0f} seconds")
        sleep(_POLL_SECONDS)
        answer = client.get_query_results(queryId=identity)
    if answer["status"] != "Complete":
        raise QueryFailed(f"it ended with the status {answer['status']}")
    return [{cell["field"]: cell["value"] for cell in row if cell["field"] != "@ptr"} for row in answer["results"]]
