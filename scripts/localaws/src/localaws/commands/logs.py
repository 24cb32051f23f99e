"""`logs`: print and follow logs."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from localaws.commands.remote import NotRunning, add_port, call, client
from localaws.durations import parse_duration
from localaws.errors import LocalAwsError

HELP = "print the logs of a function or a log group; without a name, list the log groups"
_POLL_SECONDS = 0.5


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "name", nargs="?", help="a log group, a function's name, or its logical id in stack --stack-name"
    )
    parser.add_argument("--since", default="1h", help="how far back: 90s, 5m, 1h, 2d (1h)")
    parser.add_argument("--filter", default="", metavar="PATTERN", help="a CloudWatch Logs filter pattern")
    parser.add_argument("--follow", action="store_true", help="print new lines as they arrive, until Ctrl-C")
    parser.add_argument("--stack-name", default="local", help="the stack of the logical id (local)")
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Print the log events, oldest first."""
    from botocore.exceptions import EndpointConnectionError

    logs = client(options.port, "logs")
    try:
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        if options.name is None:
            print("\n".join(groups) or "Nothing has been logged.")
            return 0
        now = datetime.fromisoformat(call(options.port, "status", {})["now"])
        since = int((now - timedelta(seconds=parse_duration(options.since))).timestamp() * 1000)
        for line in _lines(options, logs, _group(options, groups), since, now.astimezone().date()):
            print(line, flush=True)
    except EndpointConnectionError:
        raise NotRunning(options.port) from None
    except KeyboardInterrupt:
        print("", file=sys.stderr)
    return 0


def _lines(options: argparse.Namespace, logs: Any, group: str, since: int, today: date) -> Iterator[str]:
    """The lines since a time (milliseconds), then, if they're followed, what arrives."""
    following = {"group": group, "filter": options.filter}
    # What arrives while the lines are listed is among them, or comes after this position, or both.
    position = call(options.port, "logs", following)["position"] if options.follow else None
    listed: set[int] = set()
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=since, filterPattern=options.filter
    )
    for event in (event for page in pages for event in page["events"]):
        if position is not None and int(event["eventId"]) > position:
            listed.add(int(event["eventId"]))
        yield _line(event, today)
    while position is not None:
        found = call(options.port, "logs", {**following, "position": position})
        yield from (_line(event, today) for event in found["events"] if event["id"] not in listed)
        if not found["events"]:
            listed.clear()
            time.sleep(_POLL_SECONDS)
        position = found["position"]


def _line(event: Mapping[str, Any], today: date) -> str:
    """An event in local time, with its day unless that's today."""
    moment = datetime.fromtimestamp(event["timestamp"] / 1000).astimezone()
    day = "" if moment.date() == today else f"{moment:%Y-%m-%d} "
    return f"{day}{moment:%H:%M:%S}.{event['timestamp'] % 1000:03}  {event['message'].rstrip()}"


def _group(options: argparse.Namespace, groups: list[str]) -> str:
    from botocore.exceptions import ClientError

    named: list[str] = [options.name, f"/aws/lambda/{options.name}"]
    try:
        detail = client(options.port, "cloudformation").describe_stack_resource(
            StackName=options.stack_name, LogicalResourceId=options.name
        )["StackResourceDetail"]
        named += [detail["PhysicalResourceId"], f"/aws/lambda/{detail['PhysicalResourceId']}"]
        if detail["ResourceType"] == "AWS::Lambda::Function":
            function = client(options.port, "lambda").get_function_configuration(
                FunctionName=detail["PhysicalResourceId"]
            )
            named.insert(0, function["LoggingConfig"]["LogGroup"])
    except ClientError:
        pass  # no such stack or resource: it may still be the name of a function or a log group
    found = next((name for name in named if name in groups), None)
    if found is None:
        raise LocalAwsError(f"{options.name} has no logs. The log groups are: {', '.join(groups) or 'none'}.")
    return found
