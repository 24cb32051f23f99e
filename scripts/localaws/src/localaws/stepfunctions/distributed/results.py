"""Writes the results of a Distributed Map to S3: files of the children by status, and a manifest.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.stepfunctions.distributed.map_run import Child, MapRun
from localaws.stepfunctions.execution import SUCCEEDED
from localaws.stepfunctions.language.errors import RESULT_WRITER_FAILED, StateError
from localaws.stepfunctions.language.intrinsics import compact

TRANSFORMATIONS = ("NONE", "COMPACT", "FLATTEN")
_FILES = {SUCCEEDED: "SUCCEEDED", "PENDING": "PENDING", "RUNNING": "PENDING"}


def transformed(outputs: Sequence[str], transformation: str) -> list[Any]:
    """The outputs of children; with FLATTEN the items of those that are arrays."""
    values = [json.loads(output) for output in outputs]
    if transformation != "FLATTEN":
        return values
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def preview(run: MapRun, config: Mapping[str, Any]) -> list[Any]:
    """The results of a run as its WriterConfig formats them; a child that failed is described, as all are with NONE."""
    transformation = config.get("Transformation", "NONE")
    found: list[Any] = []
    for child in run.children:
        if transformation == "NONE" or child.status != SUCCEEDED or child.execution is None:
            found.append(_entry(child, run))
        else:
            found += transformed([child.execution.output or "null"], transformation)
    return found


def write_results(s3: Any, run: MapRun, place: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, str]:
    """Write all results; returns the bucket and key of the manifest. Raises StateError."""
    transformation, kind = config.get("Transformation", "NONE"), config.get("OutputType", "JSON")
    if not all(isinstance(place.get(name, ""), str) for name in ("Bucket", "Prefix")) or "Bucket" not in place:
        raise StateError(RESULT_WRITER_FAILED, "The results could not be written: a Bucket and a Prefix are strings")
    folder = f"{place['Prefix'].rstrip('/')}/{run.identifier}" if place.get("Prefix") else run.identifier
    by_file: dict[str, list[Child]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for child in run.children:
        by_file[_FILES.get(child.status, "FAILED")].append(child)
    written: dict[str, list[dict[str, Any]]] = {}
    try:
        for name, children in by_file.items():
            written[name] = []
            if children:
                if name == "SUCCEEDED" and transformation != "NONE":
                    entries = transformed(run.outputs, transformation)
                else:
                    entries = [_entry(child, run) for child in children]
                key = f"{folder}/{name}_0.{kind.lower()}"
                written[name].append({"Key": key, "Size": _put(s3, place["Bucket"], key, entries, kind)})
        manifest = {"DestinationBucket": place["Bucket"], "MapRunArn": run.arn, "ResultFiles": written}
        key = f"{folder}/manifest.json"
        s3.put_object(Bucket=place["Bucket"], Key=key, Body=json.dumps(manifest).encode())
    except (ClientError, BotoCoreError) as error:
        raise StateError(RESULT_WRITER_FAILED, f"The results could not be written: {error}") from None
    return {"Bucket": place["Bucket"], "Key": key}


def _put(s3: Any, bucket: str, key: str, entries: Sequence[Any], kind: str) -> int:
    lines = "".join(f"{compact(entry)}\n" for entry in entries)
    body = (lines if kind == "JSONL" else json.dumps(list(entries))).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return len(body)


def _entry(child: Child, run: MapRun) -> dict[str, Any]:
    execution = child.execution
    entry: dict[str, Any] = {"Input": child.input, "InputDetails": {"Included": True}, "Status": child.status}
    if execution is None:
        return entry
    entry |= {
        "ExecutionArn": execution.arn,
        "Name": execution.name,
        "RedriveCount": execution.redrives,
        "RedriveStatus": "NOT_REDRIVABLE" if child.status == SUCCEEDED else "REDRIVABLE_BY_MAP_RUN",
        "StartDate": _iso(execution.started),
        "StateMachineArn": run.machine.arn,
        "StopDate": _iso(execution.ended or execution.started),
    }
    if execution.output is not None:
        entry |= {"Output": execution.output, "OutputDetails": {"Included": True}}
    known = {"Error": execution.error, "Cause": execution.cause}
    return entry | {name: value for name, value in known.items() if value is not None}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
