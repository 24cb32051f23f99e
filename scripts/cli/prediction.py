"""`mlops logs prediction ID`: one prediction's record, found by the time in its id."""

import json
from typing import Any

from rich.markup import escape
from rich.table import Table

from cli.errors import CommandError
from cli.records.stretch import open_records
from cli.stack import Stack, console, progress_console
from mlops.records.ids import prediction_time
from mlops.records.lookup import ApiLog, find_record

_OWN = ("prediction_id", "model", "model_version", "timestamp", "inputs", "record", "level", "message", "service")


def print_prediction(target: Stack, prediction_id: str, as_json: bool) -> None:
    """Print a prediction's record and where it was found. Raises CommandError if there is none."""
    wanted = prediction_id.lower()
    try:
        made = prediction_time(wanted)
    except ValueError:
        raise CommandError(f"{prediction_id!r} is no prediction's id: those are version 7 UUIDs.") from None
    with progress_console.status("searching …"):
        log = ApiLog(target.logs, target.outputs["ApiLogGroup"])
        found = find_record(open_records(target), log, wanted)
    if found is None:
        raise CommandError(
            f"There is no record of {wanted}, made {made:%Y-%m-%d %H:%M:%S} UTC: neither in the records bucket nor in "
            "the API's log. Was it made by this stack, and is it younger than what they keep?"
        )
    record, place = found.record, log.group if found.in_log else target.outputs["RecordsBucketName"]
    if as_json:
        console.print_json(json.dumps({"place": place, "prediction": record}))
    else:
        console.print(_table(record, place))


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
