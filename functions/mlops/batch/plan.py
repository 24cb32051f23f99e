"""A request → what the run does: the pinned version, the files as they are now, their chunks.

The same files, version and options are the same run, whoever asks and whenever: it's planned once, and what of it is
done stays done. So a second request changes nothing, and one after an interruption goes on where that stopped.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, Self

import obstore
from obstore.exceptions import AlreadyExistsError
from pydantic import BaseModel, ConfigDict

from mlops.artifact.names import GOLDEN
from mlops.batch.answers import OWN
from mlops.batch.chunks import expected_rows, measure_speed
from mlops.batch.files import Chunk, InputFile, check_files, cut_files, find_files
from mlops.batch.layout import MANIFEST, default_output, plan_key, report_key, run_prefix
from mlops.batch.places import Places, read_json
from mlops.batch.request import BatchRequest
from mlops.batch.scoring import BatchScorer
from mlops.errors.batch import BatchRejected
from mlops.privacy import hashed_columns, is_public
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions


class Plan(BaseModel):
    """What a run does. `share` of its rows have a prediction record; `key` are the columns that answers repeat."""

    model_config = ConfigDict(frozen=True)

    run: str
    model: str
    version: int
    role: Literal["champion", "requested"]
    planned_at: datetime
    request: BatchRequest
    bucket: str
    output: str
    key: tuple[str, ...]
    hashed_key: tuple[str, ...]
    share: float
    chunk_rows: int
    rows_per_second: float
    scored_per_second: float
    files: tuple[InputFile, ...]
    chunks: int
    chunks_key: str

    @classmethod
    def read(cls, answers: Store, run: str) -> Self | None:
        """The plan of a run, if it was planned."""
        found = read_json(answers, plan_key(run))
        return None if found is None else cls.model_validate(found)


def plan_run(places: Places, request: BatchRequest) -> dict[str, Any]:
    """Plan a run unless it is; returns what the state machine needs to know.

    `todo` is the key of the list of chunks without answers. Raises BatchRejected, VersionNotFound, ArtifactInvalid,
    ExplanationUnavailable or KindMismatch for a request that can't be carried out: nothing was written then.
    """
    now = places.now()
    manifest, role = _pin(places.registry, request)
    source = request.source(now)
    store = places.open_bucket(source.bucket)
    found = find_files(store, source)
    run = _digest(request, manifest, found, places)
    plan = Plan.read(places.answers, run)
    if plan is None:
        plan = _make(places, request, manifest, role, found, run, now)
    done = read_json(places.answers, plan.output + MANIFEST) is not None
    todo = [] if done else _find_todo(places.answers, plan)
    document = [{"run": run, "chunk": chunk.model_dump()} for chunk in todo]
    content = json.dumps(document).encode()
    todo_key = f"{run_prefix(run)}todo/{sha256(content).hexdigest()[:16]}.json"
    obstore.put(places.answers, todo_key, content)
    return {
        "run": run,
        "model": plan.model,
        "version": plan.version,
        "bucket": plan.bucket,
        "manifest": f"s3://{plan.bucket}/{plan.output}{MANIFEST}",
        "done": done,
        "chunks": plan.chunks,
        "todo": todo_key,
        "todo_chunks": len(todo),
        "concurrency": places.concurrency,
        "tolerated": request.tolerated_failure_percentage,
    }


def _pin(registry: Store, request: BatchRequest) -> tuple[Manifest, Literal["champion", "requested"]]:
    """The version that answers, whatever its alias points at later."""
    versions = Versions(registry, request.model)
    champion = Aliases(registry, request.model).find(CHAMPION)
    if request.version.isdigit():
        number = int(request.version)
    else:
        alias = Aliases(registry, request.model).find(request.version)
        if alias is None:
            raise BatchRejected(f"{request.model!r} has no {request.version}; name a version's number, or promote one")
        number = alias.version
    manifest = versions.table(number)
    is_champion = champion is not None and champion.version == number
    if not manifest.accepted and not is_champion:
        raise BatchRejected(f"version {number} of {request.model!r} failed its gates; promote it to predict with it")
    return manifest, "champion" if is_champion else "requested"


def _digest(request: BatchRequest, manifest: Manifest, files: Sequence[InputFile], places: Places) -> str:
    """The run's name: what its answers depend on."""
    options = request.model_dump(include={"format", "explain", "key", "records", "chunk_rows"}, mode="json")
    known = {
        "model": [manifest.model, manifest.version, manifest.files["model.onnx"].sha256],
        "files": [[each.uri, each.etag, each.size] for each in files],
        "output": request.destination(places.answers_bucket),
        "options": options,
    }
    return sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:32]


def _make(
    places: Places,
    request: BatchRequest,
    manifest: Manifest,
    role: Literal["champion", "requested"],
    found: Sequence[InputFile],
    run: str,
    now: datetime,
) -> Plan:
    """Plan a run, or return the plan of who was faster."""
    contract = manifest.contract
    store = places.open_bucket(found[0].bucket)
    _check_key(request, manifest, places.privacy_key)
    files = check_files(store, found, contract, request.key or ())
    key = _find_key(request, manifest, files, places.privacy_key)
    output = request.destination(places.answers_bucket) or default_output(manifest.model, now.date(), run)
    _check_output(places.answers, output)
    scorer = BatchScorer.load(places.registry, manifest, explain=request.explain)
    speed = measure_speed(scorer, Versions(places.registry, manifest.model).read(manifest, GOLDEN))
    chunk_rows = request.chunk_rows or speed.chunk_rows()
    chunks = cut_files(store, files, chunk_rows)
    if not chunks:
        raise BatchRejected(f"the {len(files):,} files have no rows, so there is nothing to predict")
    rows = 0.0
    for chunk in chunks:
        file = files[chunk.file]
        expected = chunk.rows or expected_rows(contract, file.size, file.ending.endswith(".gz"))
        if chunk.rows is None:
            speed.check_whole(file.uri, expected)
        rows += expected
    content = json.dumps([chunk.model_dump() for chunk in chunks]).encode()
    chunks_key = f"{run_prefix(run)}chunks/{sha256(content).hexdigest()[:16]}.json"
    obstore.put(places.answers, chunks_key, content)
    plan = Plan(
        run=run,
        model=manifest.model,
        version=manifest.version,
        role=role,
        planned_at=now,
        request=request,
        bucket=places.answers_bucket,
        output=output,
        key=key,
        hashed_key=tuple(column.name for column in hashed_columns(contract, places.privacy_key) if column.name in key),
        share=min(1.0, request.records / rows),
        chunk_rows=chunk_rows,
        rows_per_second=round(speed.rows, 1),
        scored_per_second=round(speed.scored, 1),
        files=tuple(files),
        chunks=len(chunks),
        chunks_key=chunks_key,
    )
    try:
        obstore.put(places.answers, plan_key(run), plan.model_dump_json(indent=2).encode(), mode="create")
    except AlreadyExistsError:
        first = Plan.read(places.answers, run)
        assert first is not None
        return first
    return plan


def _check_key(request: BatchRequest, manifest: Manifest, privacy_key: bytes) -> None:
    """Raise BatchRejected for a column that answers can't repeat."""
    if private := [name for name in request.key or () if name in _dropped(manifest, privacy_key)]:
        raise BatchRejected(f"answers can't repeat {', '.join(private)}: the privacy rule drops it")
    if taken := [name for name in request.key or () if name in OWN]:
        raise BatchRejected(f"answers have a column {', '.join(taken)} of their own; rename it in the files")


def _find_key(
    request: BatchRequest, manifest: Manifest, files: Sequence[InputFile], privacy_key: bytes
) -> tuple[str, ...]:
    """The columns that answers repeat, none of which the privacy rule drops: the request's, else the model's key."""
    if request.key is not None:
        return request.key
    left_out = {*OWN, *_dropped(manifest, privacy_key)}
    there = set[str].intersection(*({*file.columns} for file in files))
    return tuple(name for name in manifest.key if name in there - left_out)


def _dropped(manifest: Manifest, privacy_key: bytes) -> set[str]:
    """The columns of which nothing may be shown."""
    hashed = {column.name for column in hashed_columns(manifest.contract, privacy_key)}
    return {column.name for column in manifest.contract.columns if not is_public(column)} - hashed


def _check_output(answers: Store, output: str) -> None:
    """Raise BatchRejected if something lies where the answers are to be written."""
    for page in obstore.list(answers, output):
        if page:
            raise BatchRejected(
                f"the output {output} isn't empty: {page[0]['path']} lies there. Name another prefix, or delete it"
            )


def _find_todo(answers: Store, plan: Plan) -> list[Chunk]:
    """The chunks without a report."""
    chunks = [Chunk.model_validate(each) for each in read_json(answers, plan.chunks_key)]
    prefix = f"{run_prefix(plan.run)}parts/"
    scored = {each["path"] for page in obstore.list(answers, prefix) for each in page}
    return [chunk for chunk in chunks if report_key(plan.run, chunk.number) not in scored]
