"""`mlops monitor run`: monitor now, without waiting for the schedule."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import boto3
import typer
from botocore.config import Config
from rich.markup import escape

from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console, progress_console

_SECONDS = 910  # a little longer than the function may take


def run(
    model: Annotated[list[str] | None, typer.Argument(help="The models to monitor; all by default.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Monitor as of this time, such as 2026-11-29T14:20Z; now by default.")
    ] = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Look at all windows that are due, as the hourly schedule does; doing it again changes nothing."""
    event: dict[str, Any] = {"time": _parse_time(at).isoformat()} if at else {}
    if model:
        event["models"] = model
    target = Stack(stack)
    name = target.outputs["MonitorFunctionName"]
    client = boto3.client("lambda", config=Config(read_timeout=_SECONDS, retries={"max_attempts": 0}))
    with progress_console.status("monitoring …"):
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        result = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        message = f"{result.get('errorType')}: {result.get('errorMessage')}"
        raise CommandError(f"Monitoring failed: {message}. `scripts/mlops logs errors` shows more.")
    if as_json:
        console.print_json(json.dumps(result))
        return
    for progress in result["models"]:
        count = len(progress["windows"])
        looked = f"{count} windows, the last {progress['windows'][-1]}" if count else "nothing new is due"
        incident = f"; incident {progress['incident']} is open" if progress["incident"] else ""
        console.print(escape(f"{progress['model']}: {looked}{incident}"))


def _parse_time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--at is {text!r}; write a time such as 2026-11-29T14:20Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
