"""Reads the items of a Distributed Map from S3.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from localaws.stepfunctions.language.data_flow import pairs
from localaws.stepfunctions.language.errors import ITEM_READER_FAILED, StateError
from localaws.stepfunctions.language.json_texts import parse_json

DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def read_items(s3: Any, resource: str, arguments: Mapping[str, Any], config: Mapping[str, Any]) -> list[Any]:
    """The items; raises StateError. `s3` is a client of the state machine's role."""
    most = config.get("MaxItems")
    try:
        found = _listed(s3, arguments) if resource.endswith(":listObjectsV2") else _read(s3, arguments, config)
        return list(itertools.islice(found, most if most else None))
    except Exception as error:  # noqa: BLE001 (whatever is wrong with the arguments or the file)
        raise StateError(ITEM_READER_FAILED, f"The items could not be read: {error}") from None


def _listed(s3: Any, arguments: Mapping[str, Any]) -> Iterator[Any]:
    pages = s3.get_paginator("list_objects_v2").paginate(**arguments)
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        yield {
            "Etag": entry["ETag"],
            "Key": entry["Key"],
            "LastModified": int(entry["LastModified"].timestamp()),
            "Size": entry["Size"],
            "StorageClass": entry.get("StorageClass", "STANDARD"),
        }


def _read(s3: Any, arguments: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Any]:
    content: bytes = s3.get_object(**arguments)["Body"].read()
    kind = config["InputType"]
    if kind == "CSV":
        return _rows(content.decode("utf-8-sig"), config)
    if kind == "JSON":
        return iter(_members(parse_json(content), config.get("ItemsPointer", "")))
    if kind == "JSONL":
        return (parse_json(line) for line in content.decode("utf-8-sig").split("\n") if line.strip())
    return _inventory(s3, parse_json(content))


def _rows(text: str, config: Mapping[str, Any]) -> Iterator[Any]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[config.get("CSVDelimiter", "COMMA")])
    given = config.get("CSVHeaderLocation") == "GIVEN"
    names = list(config["CSVHeaders"]) if given else next(lines, [])
    for row in lines:
        if row:
            yield dict(itertools.zip_longest(names, row[: len(names)], fillvalue=""))


def source_of(resource: str | None, arguments: Mapping[str, Any]) -> str:
    """Where the items come from, as the context object has it; without a resource from the state's input."""
    if resource is None:
        return "STATE_DATA"
    bucket = f"S3://{arguments.get('Bucket')}"
    return bucket if resource.endswith(":listObjectsV2") else f"{bucket}/{arguments.get('Key')}"


def _members(value: Any, pointer: str) -> list[Any]:
    """The items of the array, or the pairs of the object, at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    if isinstance(value, dict):
        return pairs(value)
    if not isinstance(value, list):
        raise ValueError("the JSON isn't an array or an object")
    return value


def _inventory(s3: Any, manifest: Mapping[str, Any]) -> Iterator[Any]:
    """The rows of an S3 inventory, whose files are CSV."""
    if manifest.get("fileFormat", "CSV") != "CSV":
        raise ValueError("local AWS reads inventories in CSV only")
    names = [name.strip() for name in manifest["fileSchema"].split(",")]
    bucket = manifest["destinationBucket"].rpartition(":::")[2]
    for file in manifest["files"]:
        content: bytes = s3.get_object(Bucket=bucket, Key=file["key"])["Body"].read()
        text = gzip.decompress(content) if file["key"].endswith(".gz") else content
        for row in csv.reader(io.StringIO(text.decode())):
            yield dict(zip(names, row, strict=False))
