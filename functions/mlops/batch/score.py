"""A chunk → its answers, its rejected rows, its records, and at last its report.

Whoever repeats it, after an end anywhere or at the same time, writes the same objects under the same keys. The report
comes last: a chunk that has one is done.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import obstore
import pyarrow as pa
from obstore.exceptions import BaseError

from mlops.artifact.matrix import Matrix, is_numeric
from mlops.batch.answers import AnswerFile, make_answers
from mlops.batch.csv_text import Piece, open_lines, read_pieces
from mlops.batch.files import PARQUET, Chunk, InputFile, open_parquet
from mlops.batch.gzip_lines import GzipLines
from mlops.batch.ids import write_ids
from mlops.batch.layout import part_name, records_key, rejected_name, report_key
from mlops.batch.objects import PinnedObject
from mlops.batch.places import Places, read_json
from mlops.batch.plan import Plan
from mlops.batch.records import RecordSample
from mlops.batch.rows import TableReader
from mlops.batch.scoring import BatchScorer
from mlops.errors.base import ErrorWithheld, MlopsError
from mlops.errors.batch import BatchRejected
from mlops.errors.violations import Violation
from mlops.privacy import hash_value, private_columns
from mlops.records.write import put_once
from mlops.serving.record_lines import RecordLines
from mlops.serving.rows.inspection import Row
from mlops.serving.scorer import Scores

MAX_EXAMPLES = 20
_NUMBERS, _OTHERS = 1 << 14, 1 << 13  # rows that are scored at once


def score_chunk(places: Places, plan: Plan, scorer: BatchScorer, chunk: Chunk) -> dict[str, Any]:
    """Score a chunk unless it is; returns its report.

    Raises BatchInputChanged, BatchRejected for a damaged file, and obstore's errors.
    """
    key = report_key(plan.run, chunk.number)
    known: dict[str, Any] | None = read_json(places.answers, key)
    if known is not None:
        return known
    try:
        report = _Chunk(places, plan, scorer, chunk).score()
    except (MlopsError, BaseError, OSError):
        raise
    except Exception as error:
        if private_columns(scorer.contract):
            raise ErrorWithheld(error) from None
        raise
    put_once(places.answers, key, json.dumps(report).encode())
    return report


@dataclass
class _Chunk:
    """A chunk that is being scored."""

    places: Places
    plan: Plan
    scorer: BatchScorer
    chunk: Chunk
    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    lines: GzipLines = field(default_factory=GzipLines)
    labels: Counter[str] = field(default_factory=Counter)
    totals: list[float] = field(default_factory=list)

    def score(self) -> dict[str, Any]:
        """Write everything but the report, which this returns."""
        started = time.perf_counter()
        plan, number = self.plan, self.chunk.number
        reader = TableReader(self.scorer.contract)
        records = RecordSample(plan, RecordLines(self.places.privacy_key, self.places.recording))
        part = None
        with TemporaryDirectory() as folder:
            path = Path(folder) / "answers"
            with AnswerFile(path, plan.request.format) as answers:
                for piece in self._pieces():
                    self._score_piece(piece, reader, answers, records)
            if answers.rows:
                name = part_name(number, plan.request.format)
                obstore.put(self.places.answers, plan.output + name, path)
                part = {"name": name, "rows": answers.rows, "bytes": path.stat().st_size}
        if not self.lines.is_empty:
            obstore.put(self.places.answers, plan.output + rejected_name(number), self.lines.close())
        if records.count:
            key = records_key(plan.model, plan.planned_at.date(), plan.run, number)
            obstore.put(self.places.records, key, records.close())
        return {
            "chunk": number,
            "file": self._file.uri,
            "first": self.chunk.first,
            "rows": self.rows,
            "part": part,
            "rejected": {"rows": self.rows - answers.rows, "reasons": dict(self.reasons), "examples": self.examples},
            "labels": dict(self.labels),
            "totals": self.totals,
            "records": records.count,
            "seconds": round(time.perf_counter() - started, 3),
        }

    @property
    def _file(self) -> InputFile:
        return self.plan.files[self.chunk.file]

    def _pieces(self) -> Iterator[Piece]:
        file, chunk = self._file, self.chunk
        content = file.open(self.places.open_bucket(file.bucket))
        names = {*self.scorer.contract.names, *self.plan.key}
        wanted = [name for name in file.columns if name in names]
        if file.ending == PARQUET:
            yield from _read_groups(content, chunk, wanted, self._rows_at_once)
        elif file.ending == ".csv":
            with open_lines(content, chunk.start, chunk.end) as lines:
                yield from read_pieces(lines, file.columns, wanted, chunk.first)
        else:
            with open_lines(content) as lines:
                lines.read(chunk.start)
                yield from read_pieces(lines, file.columns, wanted, chunk.first)

    @property
    def _rows_at_once(self) -> int:
        return _NUMBERS if is_numeric(self.scorer.contract.columns) else _OTHERS

    def _score_piece(self, piece: Piece, reader: TableReader, answers: AnswerFile, records: RecordSample) -> None:
        self.rows += len(piece.numbers) + len(piece.problems)
        for number, rule, message in piece.problems:
            self._reject(number, [Violation(rule=rule, message=message)])
        for start in range(0, piece.table.num_rows, self._rows_at_once):
            table = piece.table.slice(start, self._rows_at_once)
            numbers = piece.numbers[start : start + self._rows_at_once]
            checked = reader.read(table)
            for place, violations in sorted(checked.rejected.items()):
                self._reject(int(numbers[place]), violations)
            rows, places = checked.rows, checked.places
            if not len(rows):
                continue
            try:
                scores = self.scorer.score(rows)
            except ArithmeticError as error:
                unanswered = self.scorer.find_unanswered(rows)
                for place in unanswered:
                    self._reject(int(numbers[places[place]]), [Violation(rule="answer", message=str(error))])
                kept = np.delete(np.arange(len(rows)), unanswered)
                rows, places = _take(rows, kept), places[kept]
                if not len(rows):
                    continue
                scores = self.scorer.score(rows)
            self._write(table, numbers, places, rows, scores, answers, records)

    def _write(
        self,
        table: pa.Table,
        numbers: Any,
        places: Any,
        rows: Sequence[Row],
        scores: Scores,
        answers: AnswerFile,
        records: RecordSample,
    ) -> None:
        plan, file = self.plan, self.chunk.file
        chosen = numbers[places]
        ids = write_ids(plan.run, plan.planned_at, file, chosen)
        key = table.select([*plan.key]) if len(places) == len(table) else table.select([*plan.key]).take(places)
        for name in plan.hashed_key:
            key = key.set_column(key.column_names.index(name), name, self._hash(name, rows))
        explanations = self.scorer.explain(rows, scores)
        answers.write(
            make_answers(*(self.scorer.contract, plan.version, self._file.uri, chosen, key, ids, scores), explanations)
        )
        records.add(self.scorer.scorer, file, chosen, rows, scores, ids)
        self.labels.update(scores.labels)
        sums = np.atleast_1d(scores.answer.sum(axis=0)).tolist()
        self.totals = [before + more for before, more in zip(self.totals or [0.0] * len(sums), sums, strict=True)]

    def _hash(self, name: str, rows: Sequence[Row]) -> pa.Array:
        (column,) = [each for each in self.scorer.contract.columns if each.name == name]
        cells = (row.get(name) for row in rows)
        key = self.places.privacy_key
        return pa.array([None if cell is None else hash_value(column, cell, key) for cell in cells], pa.string())

    def _reject(self, number: int, violations: Sequence[Violation]) -> None:
        """List a row that has no answer."""
        problems = [{**each.to_dict(), "row": number} for each in violations]
        self.reasons.update({each.rule for each in violations})
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append({"file": self._file.uri, **problems[0]})
        line: Mapping[str, Any] = {"file": self._file.uri, "row": number, "problems": problems}
        self.lines.add([json.dumps(line, ensure_ascii=False).encode() + b"\n"])


def _take(rows: Sequence[Row], places: Any) -> Sequence[Row]:
    return Matrix(rows.names, rows.numbers[places]) if isinstance(rows, Matrix) else [rows[place] for place in places]


def _read_groups(content: PinnedObject, chunk: Chunk, wanted: Sequence[str], rows: int) -> Iterator[Piece]:
    """The rows of a chunk's row groups."""
    first = chunk.first
    with open_parquet(content) as file:
        groups = range(chunk.start, chunk.end)
        batches = file.iter_batches(rows, row_groups=[*groups], columns=[*wanted], use_threads=False)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
                raise BatchRejected(f"{content.uri} can't be read; is it damaged? {error}") from None
            if batch is None:
                return
            numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
            first += batch.num_rows
            yield Piece(pa.Table.from_batches([batch]), numbers)
