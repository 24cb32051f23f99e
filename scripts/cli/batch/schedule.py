"""`mlops batch schedule`: batches at regular times, by EventBridge Scheduler."""

import json
from datetime import datetime
from typing import Annotated, Any

import boto3
import typer
from rich.text import Text

from cli.batch.run import (
    ExplainOption,
    FormatOption,
    KeyOption,
    RecordsOption,
    ToleratedOption,
    VersionOption,
    make_request,
)
from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console
from cli.table import Table
from mlops.operations.schedules import Schedule, Schedules

_TIME = "<aws.scheduler.scheduled-time>"


def schedule(
    name: Annotated[str, typer.Argument(help="The schedule's name; one of that name is replaced.")],
    model: Annotated[str, typer.Argument(help="The model's name.")],
    source: Annotated[
        str, typer.Argument(help="A file or prefix in S3; {date} in it is the day of the schedule's time.")
    ],
    when: Annotated[
        str, typer.Option("--when", help="A schedule expression, such as 'cron(0 3 * * ? *)' or 'rate(1 day)'.")
    ],
    timezone: Annotated[str, typer.Option(help="The time zone of the expression.")] = "UTC",
    version: VersionOption = "champion",
    form: FormatOption = "parquet",
    explain: ExplainOption = False,
    key: KeyOption = None,
    records: RecordsOption = None,
    tolerate: ToleratedOption = None,
    stack: StackOption = "mlops",
) -> None:
    """Predict files at regular times, with the version that the alias points at then."""
    if not source.startswith("s3://"):
        raise CommandError(f"{source!r} doesn't begin with s3://, and a schedule sees no files of this machine.")
    target = Stack(stack)
    client, group = _client(target)
    given = make_request(model, source, version, None, form, explain, key, records, tolerate)
    properties: dict[str, Any] = {
        "Name": name,
        "GroupName": group,
        "ScheduleExpression": when,
        "ScheduleExpressionTimezone": timezone,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": target.outputs["BatchStateMachineArn"],
            "RoleArn": target.outputs["BatchScheduleRoleArn"],
            "Input": json.dumps({**given, "time": _TIME}),
        },
    }
    try:
        client.create_schedule(**properties)
    except client.exceptions.ConflictException:
        client.update_schedule(**properties)
    console.print(f"{name}: {model} predicts {source}, {when}", markup=False)


def schedules(stack: StackOption = "mlops", as_json: JsonOption = False) -> None:
    """The schedules of batches, each with its next run."""
    target = Stack(stack)
    client, group = _client(target)
    found = [_describe(each, target.now()) for each in Schedules(client, group).list()]
    if as_json:
        console.print_json(json.dumps(found))
        return
    if not found:
        console.print("no schedules", style="dim")
        return
    table = Table()
    for column in found[0]:
        table.add_column(column)
    for row in found:
        table.add_row(*(Text("\N{EN DASH}" if cell is None else str(cell)) for cell in row.values()))
    console.print(table)


def unschedule(name: Annotated[str, typer.Argument(help="The schedule's name.")], stack: StackOption = "mlops") -> None:
    """Delete a schedule; what it has started goes on."""
    client, group = _client(Stack(stack))
    try:
        client.delete_schedule(Name=name, GroupName=group)
    except client.exceptions.ResourceNotFoundException:
        raise CommandError(f"There is no schedule {name!r}; `scripts/mlops batch schedules` lists them.") from None
    console.print(f"deleted {name}", markup=False)


def _client(target: Stack) -> tuple[Any, str]:
    group = target.outputs["BatchScheduleGroup"]
    return boto3.client("scheduler"), group


def _describe(found: Schedule, now: datetime) -> dict[str, Any]:
    moment = found.next_run(now)
    return {
        "schedule": found.name,
        "model": found.model,
        "input": found.request.get("input"),
        "when": found.expression,
        "timezone": found.timezone,
        "state": found.state.lower(),
        "next_run": moment.isoformat(timespec="minutes") if moment else found.unreadable,
    }
