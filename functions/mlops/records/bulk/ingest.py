"""A feedback file → feedback objects and a report. Whoever repeats it, or ends it anywhere and repeats it, ends alike.

The first run claims the file: it fixes when the file was received, by which its objects are named and its truths are
checked. Each object holds the truths of a fixed range of the file's rows and is created once. The report comes last: a
file that has one is done.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import file_digest, sha256
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import obstore

from mlops.contract import Contract
from mlops.errors.records import TruthInvalid
from mlops.records.bulk.cells import CellReader
from mlops.records.bulk.rejected import RejectedRows
from mlops.records.bulk.rows import FileRow, open_rows
from mlops.records.layout import file_prefix
from mlops.records.truths import Truth
from mlops.records.write import make_object, put_once, write_moment

if TYPE_CHECKING:
    from obstore.store import ObjectStore

ROWS_PER_OBJECT = 20_000
_CLAIM, _REPORT, _REJECTED = "claim.json", "report.json", "rejected.jsonl.gz"


@dataclass(frozen=True, kw_only=True)
class FeedbackFile:
    """A file of a model's feedback. `source` is its key in the data bucket, `path` where its content lies on disk.

    `s3_version` is the source's version, None where there are none; the report has it, so that the file can be found
    although another was put in its place. `key` are the columns that may name a row in place of its prediction id;
    `privacy_key` keys their hashes.
    """

    model: str
    contract: Contract
    source: str
    path: Path
    s3_version: str | None = None
    key: Sequence[str] = ()
    privacy_key: bytes = b""

    @cached_property
    def digest(self) -> str:
        """sha256 of the content and the rules it's read by: under other rules the same file is to be read anew."""
        columns = [column.model_dump(mode="json") for column in self.contract.columns if column.name in self.key]
        rules = [self.contract.target.model_dump(mode="json"), [*self.key], columns]
        with self.path.open("rb") as content:
            found = file_digest(content, "sha256").hexdigest()
        return sha256(f"{found} {json.dumps(rules, sort_keys=True)}".encode()).hexdigest()


def ingest_file(store: "ObjectStore", file: FeedbackFile, now: datetime) -> dict[str, Any]:
    """Store all truths of the file; returns the report, which also lies in the store.

    Raises FeedbackRejected for a file without the columns that feedback has, and obstore's errors.
    """
    prefix = file_prefix(file.model, file.digest)
    report = _read_json(store, prefix + _REPORT)
    if report is not None:
        return report
    with open_rows(file.path, file.source) as table:
        reader = CellReader(file.contract, file.key, file.privacy_key, table.columns, file.source)
        claim = {"received_at": write_moment(now), "source": file.source, "s3_version": file.s3_version}
        put_once(store, prefix + _CLAIM, _write_json(claim))
        first = _read_json(store, prefix + _CLAIM)
        assert first is not None
        report = _store_rows(store, file, reader, table.rows, first)
    put_once(store, prefix + _REPORT, _write_json(report))
    return report


def _store_rows(
    store: "ObjectStore", file: FeedbackFile, reader: CellReader, rows: Iterator[FileRow], claim: dict[str, Any]
) -> dict[str, Any]:
    """Store the truths and the rejected rows; returns the report."""
    received = datetime.fromisoformat(claim["received_at"])
    rejected = RejectedRows()
    place = file_prefix(file.model, file.digest) + _REJECTED
    count = stored = objects = 0
    with TemporaryDirectory() as folder:
        listed = Path(folder) / _REJECTED
        with listed.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as lines:
            for number, chunk in enumerate(batched(rows, ROWS_PER_OBJECT, strict=False)):
                truths = [*_read_chunk(chunk, count, reader, received, rejected)]
                count += len(chunk)
                lines.write(rejected.take_lines())
                if truths:
                    name = f"{file.digest}-{number:06d}"
                    made = make_object(file.model, truths, received, f"file:{claim['source']}", name)
                    put_once(store, made.key, made.content)
                    stored += made.count
                    objects += 1
        if rejected.reasons:
            obstore.put(store, place, listed)
    return {
        "model": file.model,
        "source": claim["source"],
        "s3_version": claim["s3_version"],
        "digest": file.digest,
        "received_at": claim["received_at"],
        "rows": count,
        "stored": stored,
        "objects": objects,
        "rejected": {
            "rows": rejected.reasons.total(),
            "reasons": dict(sorted(rejected.reasons.items())),
            "examples": rejected.examples,
            "all": place if rejected.reasons else None,
        },
    }


def _read_chunk(
    chunk: Sequence[FileRow], first: int, reader: CellReader, received: datetime, rejected: RejectedRows
) -> Iterator[Truth]:
    for number, row in enumerate(chunk, first):
        if row.problem:
            rejected.add(number, *row.problem, {})
            continue
        try:
            yield reader.read(row.cells, received)
        except TruthInvalid as error:
            rejected.add(number, error.rule, error.reason, reader.show(row.cells))


def _read_json(store: "ObjectStore", key: str) -> dict[str, Any] | None:
    try:
        found = obstore.get(store, key)
    except FileNotFoundError:
        return None
    document: dict[str, Any] = json.loads(bytes(found.bytes()))
    return document


def _write_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=2).encode()
