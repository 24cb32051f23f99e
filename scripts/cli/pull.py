"""`mlops data pull`: the exact dataset of a version as a file, and a pointer that DVC resolves to the same bytes."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Annotated, Any
from urllib.parse import urlsplit

import typer
from botocore.exceptions import ClientError
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from cli.dvc_pointer import write_pointer
from cli.errors import CommandError
from cli.models.registered_model import ModelArgument, VersionArgument, open_model
from cli.records.tables import print_json
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from cli.whole_file import whole_file
from mlops.registry.manifest.manifest import Dataset

_CHUNK = 1 << 20
_SECONDS = 15.0
"""Without a terminal there's a line of progress so often."""
_GONE = ("NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "MethodNotAllowed")


@dataclass(frozen=True)
class Pulled:
    """A dataset that was fetched: its S3 object and version, and the digests of its bytes."""

    uri: str
    s3_version: str | None
    etag: str
    size: int
    sha256: str
    md5: str


def pull(
    model: ModelArgument,
    version: VersionArgument,
    to: Annotated[
        Path | None, typer.Option("--to", help="The file or folder to write; by default the dataset's own name, here.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Fetch the dataset that a version was trained on, checked by its digest, and write a .dvc pointer to it."""
    target = Stack(stack)
    dataset = open_model(target, model).find(version).dataset
    _, key = locate(dataset.uri)
    name = key.rpartition("/")[2]
    file = Path(name) if to is None else to / name if to.is_dir() else to
    pointer = file.with_name(f"{file.name}.dvc")
    if taken := [str(path) for path in (file, pointer) if path.exists()]:
        if not force:
            raise CommandError(f"{' and '.join(taken)} exist{'s' * (len(taken) == 1)} already; --force replaces.")
        if file.is_dir() or pointer.is_dir():
            raise CommandError(f"{' and '.join(taken)} can't be replaced: a folder is no dataset.")
    pulled = fetch(target.s3, dataset, file)
    write_pointer(
        pointer, uri=pulled.uri, s3_version=pulled.s3_version, etag=pulled.etag, size=pulled.size, md5=pulled.md5
    )
    if as_json:
        print_json({"file": str(file), "pointer": str(pointer), **asdict(pulled)})
        return
    console.print(f"wrote {file}: {pulled.size:,} bytes, sha256 {pulled.sha256}", markup=False)
    console.print(f"wrote {pointer}: commit it, and `dvc pull {pointer}` fetches the same bytes", markup=False)


def locate(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 address."""
    parts = urlsplit(uri)
    # A "?" or "#" of the key belongs to it.
    return parts.netloc, uri.partition(f"s3://{parts.netloc}/")[2]


def fetch(s3: Any, dataset: Dataset, file: Path) -> Pulled:
    """Write the dataset's exact version to a file, whole or not at all.

    Raises CommandError if S3 doesn't have that version any more, if the file can't be written, and if its bytes aren't
    those that the version was trained on.
    """
    bucket, key = locate(dataset.uri)
    chosen = {"VersionId": dataset.s3_version} if dataset.s3_version else {}
    try:
        found = s3.get_object(Bucket=bucket, Key=key, **chosen)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        wanted = f"{dataset.uri}, S3 version {dataset.s3_version or 'none'}"
        raise CommandError(f"S3 doesn't have {wanted}, any more: it was deleted, or expired.") from None
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with closing(found["Body"]), whole_file(file) as path, path.open("wb") as out:
        for chunk in _shown(found["Body"].iter_chunks(_CHUNK), found["ContentLength"], file.name):
            sha256.update(chunk)
            md5.update(chunk)
            _write(out, chunk, file)
        if sha256.hexdigest() != dataset.sha256:
            raise CommandError(
                f"{dataset.uri} isn't what the version was trained on: its sha256 is {sha256.hexdigest()}, the "
                f"manifest has {dataset.sha256}. Nothing was written."
            )
    etag = found["ETag"].strip('"')
    size = found["ContentLength"]
    return Pulled(dataset.uri, dataset.s3_version, etag, size, sha256.hexdigest(), md5.hexdigest())


def _write(out: IO[bytes], chunk: bytes, file: Path) -> None:
    try:
        out.write(chunk)
    except OSError as error:
        raise CommandError(f"{file} can't be written: {error.strerror}.") from error


def _shown(chunks: Iterator[bytes], size: int, name: str) -> Iterator[bytes]:
    """The chunks, with the progress on standard error: a bar on a terminal, else a line now and then."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    said, done = time.monotonic(), 0
    with Progress(
        *columns, console=progress_console, transient=True, disable=not progress_console.is_terminal
    ) as progress:
        task = progress.add_task(name, total=size)
        for chunk in chunks:
            yield chunk
            done += len(chunk)
            progress.advance(task, len(chunk))
            if progress.disable and time.monotonic() - said >= _SECONDS:
                said = time.monotonic()
                progress_console.print(f"{name}: {done:,} of {size:,} bytes", markup=False)
