"""A CloudWatch Logs Insights query: started, polled, and its rows."""

import time
from collections.abc import Sequence

from cli.errors import CommandError
from cli.stack import Stack

type Row = dict[str, str]

POLL_SECONDS = 0.2


def run_query(target: Stack, text: str, groups: Sequence[str], seconds: int, limit: int = 1_000) -> list[Row]:
    """The rows of a query over the last `seconds`, each a field-to-value mapping without @ptr."""
    now = int(time.time())
    started = target.logs.start_query(
        logGroupNames=list(groups), startTime=now - seconds, endTime=now + 1, queryString=text, limit=limit
    )
    while True:
        answer = target.logs.get_query_results(queryId=started["queryId"])
        if answer["status"] not in ("Scheduled", "Running"):
            break
        time.sleep(POLL_SECONDS)
    if answer["status"] != "Complete":
        raise CommandError(f"The query ended with the status {answer['status']}.")
    return [{cell["field"]: cell["value"] for cell in row if cell["field"] != "@ptr"} for row in answer["results"]]
