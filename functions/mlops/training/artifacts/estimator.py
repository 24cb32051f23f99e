"""The fitted estimator as a skops file whose bytes follow from the estimator alone."""

import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZipFile, ZipInfo

import skops.io

SCHEMA = "schema.json"


def dump_estimator(estimator: Any) -> bytes:
    """The estimator in skops format: the same bytes wherever and whenever it's fitted to the same rows.

    skops writes the time and the objects' addresses in memory into its file. Two deliveries of one training that run
    at once would then overwrite each other's file with another one, and break the digest in the manifest.
    """
    with ZipFile(io.BytesIO(skops.io.dumps(estimator))) as given:
        schema = json.loads(given.read(SCHEMA))
        names = _number(schema)
        files = {names[name]: given.read(name) for name in given.namelist() if name != SCHEMA}
    files[SCHEMA] = json.dumps(schema, indent=1).encode()
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        for name in sorted(files):
            archive.writestr(ZipInfo(name), files[name])
    return written.getvalue()


def _number(schema: dict[str, Any]) -> dict[str, str]:
    """Put running numbers in place of addresses, in a schema and its files' names; returns old name → new name."""
    numbers: dict[int, int] = {}
    names: dict[str, str] = {}
    for node in _nodes(schema):
        if "__id__" in node:
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers))
        if "file" in node and "__loader__" in node:
            old = node["file"]
            node["file"] = names.setdefault(old, f"{len(names)}{PurePosixPath(old).suffix}")
    return names


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    """All objects of a JSON document, outermost first."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _nodes(inner)
