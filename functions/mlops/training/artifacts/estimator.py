"""The fitted estimator as a skops file whose bytes follow from the estimator alone."""

import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZipFile, ZipInfo

import skops.io

SCHEMA = "schema.json"
# What CatBoost writes into each model anew.
_PASSING = ("train_finish_time", "model_guid")


def dump_estimator(estimator: Any) -> bytes:
    """The estimator in skops format: the same bytes wherever and whenever it's fitted to the same rows.

    skops writes the time and the objects' addresses in memory into its file, and CatBoost the time and a number of its
    own. Two deliveries of one training that run
    at once would then overwrite each other's file with another one, and break the digest in the manifest.
    """
    for part in _parts(estimator):
        if type(part).__module__ == "catboost.core" and part.is_fitted():
            for name in _PASSING:
                part.get_metadata()[name] = ""
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


def _parts(estimator: Any) -> Iterator[Any]:
    """An estimator and all that it's made of."""
    waiting, seen = [estimator], set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, list | tuple):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
        elif hasattr(part, "get_params") or type(part).__module__.startswith("sklearn."):
            yield part
            waiting += getattr(part, "__dict__", {}).values()


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
