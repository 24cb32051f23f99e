"""`mlops logs prediction ID`: one prediction's record, found by the time in its id."""

import json
from datetime import timedelta
from typing import Any

from rich.markup import escape
from rich.table import Table

from cli.errors import CommandError
from cli.records.stretch import open_records
from cli.stack import Stack, console, progress_console
from mlops.records.find import LOG_DELAY, find_prediction
from mlops.records.ids import prediction_time

_DELIVERY = timedelta(hours=1)  # a record is in an object that arrived at most so long before or after its prediction
_SKEW = timedelta(seconds=10)  # between the clocks of a function and of CloudWatch
_OWN = ("prediction_id", "model", "model_version", "timestamp", "inputs", "record", "level", "message", "service")


def print_prediction(target: Stack, prediction_id: str, as_json: bool) -> None:
    """Print a prediction's record and where it was found. Raises CommandError if there is none."""
    wanted = prediction_id.lower()
    try:
        made = prediction_time(wanted)
    except ValueError:
        raise CommandError(f"{prediction_id!r} is no prediction's id: those are version 7 UUIDs.") from None
    with progress_console.status("searching …"):
        found = find_record(target, wanted)
    if found is None:
        raise CommandError(
            f"There is no record of {wanted}, made {made:%Y-%m-%d %H:%M:%S} UTC: neither in the records bucket nor in "
            "the API's log. Was it made by this stack, and is it younger than what they keep?"
        )
    record, place = found
    if as_json:
        console.print_json(json.dumps({"place": place, "prediction": record}))
    else:
        console.print(_table(record, place))


def find_record(target: Stack, prediction_id: str) -> tuple[dict[str, Any], str] | None:
    """The record and where it lies: the records bucket, or the API's log until it's delivered there."""
    records = open_records(target)
    bucket = target.outputs["RecordsBucketName"]
    if record := find_prediction(records, prediction_id, within=_DELIVERY):
        return record, bucket
    if record := _find_in_log(target, prediction_id):
        return record, target.outputs["ApiLogGroup"]
    # Delivered much later than made, or recovered: all objects of its day are read.
    record = find_prediction(records, prediction_id)
    return (record, bucket) if record else None


def _find_in_log(target: Stack, prediction_id: str) -> dict[str, Any] | None:
    made = prediction_time(prediction_id)
    pages = target.logs.get_paginator("filter_log_events").paginate(
        logGroupName=target.outputs["ApiLogGroup"],
        startTime=int((made - _SKEW).timestamp() * 1000),
        endTime=int((made + LOG_DELAY + _SKEW).timestamp() * 1000),
        filterPattern=f'{{ $.prediction_id = "{prediction_id}" }}',
    )
    for page in pages:
        for event in page["events"]:
            record: dict[str, Any] = json.loads(event["message"])
            return record
    return None


def _table(record: dict[str, Any], place: str) -> Table:
    title = f"{record['model']} version {record['model_version']}, {record['timestamp']}"
    table = Table(title=escape(title), title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    rows = {"prediction_id": record["prediction_id"], **{name: record[name] for name in record if name not in _OWN}}
    rows |= {f"inputs.{name}": cell for name, cell in record.get("inputs", {}).items()}
    for name, value in {**rows, "found in": place}.items():
        table.add_row(escape(name), escape(value if isinstance(value, str) else json.dumps(value)))
    return table
