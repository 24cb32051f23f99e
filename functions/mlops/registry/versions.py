"""Immutable, numbered model versions, each claimed by exactly one training."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError
from pydantic import ValidationError
from pydantic_core import from_json

from mlops.artifact.names import MANIFEST
from mlops.contract import MODEL_NAME
from mlops.errors.registry import ArtifactInvalid, KindMismatch, VersionNotFound
from mlops.registry.manifest.manifest import FORMAT, RECOMMENDER, TABLE, File, Kind, Manifest, VersionManifest
from mlops.registry.store import Store, put_json

if TYPE_CHECKING:
    from mlops.registry.manifest.recommender import RecommenderManifest

    type AnyManifest = Manifest | RecommenderManifest

CLAIM = "claim.json"
MAX_MANIFEST = 5_000_000  # bytes


class Versions:
    """The versions of one model in a store."""

    def __init__(self, store: Store, model: str) -> None:
        self._store = store
        self.model = model

    def claim(self, training_key: str) -> int:
        """The version number that belongs to this training: the same at every call, and no other training's.

        Two conditional creates make it so: the first binds the training to a number, the second the number
        to the training. A training that was interrupted between them finishes what it began. One that never
        completes a version, since its estimator can't be compiled, keeps its number: numbers have gaps then.
        """
        while True:
            number, tag = self._ticket(training_key)
            if self._bind(number, training_key):
                return number
            with suppress(PreconditionError):  # another delivery of the same training has moved the ticket on
                put_json(self._store, self._ticket_path(training_key), {"version": self._next()}, {"e_tag": tag})

    def write(self, manifest: VersionManifest, files: Mapping[str, bytes]) -> None:
        """Write a claimed version's files, and last its manifest, which makes it exist.

        Nothing is written once the version exists, so delivering a training again is harmless.
        """
        folder = self._folder(manifest.version)
        if self.exists(manifest.version):
            return
        given = {name: describe(content) for name, content in files.items()}
        for name in sorted(given.keys() | manifest.files.keys()):
            if given.get(name) != manifest.files.get(name):
                raise ArtifactInvalid(self.model, manifest.version, f"{name} differs from the manifest's digest")
        for name, content in files.items():
            obstore.put(self._store, f"{folder}/{name}", content)
        with suppress(AlreadyExistsError):
            obstore.put(
                self._store,
                f"{folder}/{MANIFEST}",
                manifest.model_dump_json(indent=2).encode(),
                mode="create",
            )

    def pin(self, number: int, name: str, content: bytes) -> bytes:
        """Write a file of a claimed version that differs from attempt to attempt; returns what the first attempt wrote.

        So all deliveries of a training end in one version, though each measures times of its own.
        """
        path = f"{self._folder(number)}/{name}"
        try:
            obstore.put(self._store, path, content, mode="create")
        except AlreadyExistsError:
            return bytes(obstore.get(self._store, path).bytes())
        return content

    def pinned(self, number: int, name: str) -> bytes | None:
        """What the first attempt wrote, if one got that far."""
        try:
            return bytes(obstore.get(self._store, f"{self._folder(number)}/{name}").bytes())
        except FileNotFoundError:
            return None

    def exists(self, number: int) -> bool:
        """Whether the version is complete."""
        try:
            obstore.head(self._store, f"{self._folder(number)}/{MANIFEST}")
        except FileNotFoundError:
            return False
        return True

    def numbers(self) -> list[int]:
        """The complete versions, oldest first."""
        root = f"{self.model}/versions/"
        paths = [entry["path"] for page in obstore.list(self._store, root) for entry in page]
        names = [
            path.removeprefix(root).removesuffix(f"/{MANIFEST}") for path in paths if path.endswith(f"/{MANIFEST}")
        ]
        return sorted(int(name) for name in names if name.isdigit())

    def claimed(self) -> list[int]:
        """The claimed versions, complete or not, in no order: one listing, however many files they have."""
        listing = obstore.list_with_delimiter(self._store, f"{self.model}/versions")
        names = [prefix.rstrip("/").rpartition("/")[2] for prefix in listing["common_prefixes"]]
        return [int(name) for name in names if name.isdigit()]

    def table(self, number: int) -> Manifest:
        """The manifest of a version of a table's model. Raises KindMismatch for another, and what `manifest` raises."""
        manifest = self.manifest(number)
        if manifest.kind != TABLE:
            raise KindMismatch(self.model, number, manifest.kind, TABLE)
        return manifest

    def recommender(self, number: int) -> "RecommenderManifest":
        """The manifest of a recommender's version. Raises KindMismatch for another, and what `manifest` raises."""
        manifest = self.manifest(number)
        if manifest.kind != RECOMMENDER:
            raise KindMismatch(self.model, number, manifest.kind, RECOMMENDER)
        return manifest

    def manifest(self, number: int) -> "AnyManifest":
        """The manifest of a version. Raises VersionNotFound, or ArtifactInvalid if it can't be understood."""
        return self._parse(number, self.manifest_bytes(number))

    def manifest_bytes(self, number: int) -> bytes:
        """The manifest of a version as it's stored. Raises VersionNotFound, or ArtifactInvalid if it's too large."""
        try:
            found = obstore.get(self._store, f"{self._folder(number)}/{MANIFEST}")
        except FileNotFoundError:
            raise VersionNotFound(self.model, number) from None
        if found.meta["size"] > MAX_MANIFEST:
            reason = f"its manifest has {found.meta['size']:,} bytes, where {MAX_MANIFEST:,} are the most"
            raise ArtifactInvalid(self.model, number, reason)
        return bytes(found.bytes())

    def read(self, manifest: VersionManifest, name: str) -> bytes:
        """One file of a version, checked against the manifest's size and digest."""
        expected = manifest.files.get(name)
        if expected is None:
            raise ArtifactInvalid(self.model, manifest.version, f"its manifest lists no {name}")
        try:
            found = obstore.get(self._store, f"{self._folder(manifest.version)}/{name}")
        except FileNotFoundError:
            raise ArtifactInvalid(self.model, manifest.version, f"{name} is missing") from None
        size = found.meta["size"]
        # A file of another size isn't even read: it may be larger than the memory.
        content = bytes(found.bytes()) if size == expected.size else None
        if content is None or describe(content) != expected:
            reason = f"{name} isn't the file that was written ({size} bytes, {expected.size} expected)"
            raise ArtifactInvalid(self.model, manifest.version, reason)
        return content

    def read_part(self, manifest: VersionManifest, name: str, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end` of a file; whoever reads a part has to know its digest."""
        try:
            path = f"{self._folder(manifest.version)}/{name}"
            return bytes(obstore.get_range(self._store, path, start=start, end=end))
        except FileNotFoundError:
            raise ArtifactInvalid(self.model, manifest.version, f"{name} is missing") from None

    def _parse(self, number: int, content: bytes) -> "AnyManifest":
        kind = _member(content, "kind", TABLE)
        if kind not in (TABLE, RECOMMENDER):
            reason = f"its manifest is of the kind {kind!r}, which can't be read here; deploy newer code"
            raise ArtifactInvalid(self.model, number, reason)
        try:
            manifest = _reader(kind)(content)
        except ValidationError as error:
            written = _member(content, "format", FORMAT)
            if written != FORMAT:
                reason = f"its manifest has the format {written}, and {FORMAT} can be read here; deploy newer code"
                raise ArtifactInvalid(self.model, number, reason) from error
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ArtifactInvalid(
                self.model, number, f"its manifest can't be read at {where or 'its start'}: {first['msg']}"
            ) from error
        if (manifest.model, manifest.version) != (self.model, number):
            raise ArtifactInvalid(
                self.model, number, f"its manifest is that of {manifest.model} version {manifest.version}"
            )
        return manifest

    def _folder(self, number: int) -> str:
        return f"{self.model}/versions/{number}"

    def _next(self) -> int:
        return max(self.claimed(), default=0) + 1

    def _ticket_path(self, training_key: str) -> str:
        return f"{self.model}/trainings/{training_key}.json"

    def _ticket(self, training_key: str) -> tuple[int, str | None]:
        """The number that a training has or wants, and the tag of the file that records it."""
        path = self._ticket_path(training_key)
        number = self._next()
        try:
            return number, put_json(self._store, path, {"version": number}, "create")
        except AlreadyExistsError:
            found = obstore.get(self._store, path)
            return int(json.loads(bytes(found.bytes()))["version"]), found.meta["e_tag"]

    def _bind(self, number: int, training_key: str) -> bool:
        path = f"{self._folder(number)}/{CLAIM}"
        try:
            put_json(self._store, path, {"training_key": training_key}, "create")
        except AlreadyExistsError:
            holder = json.loads(bytes(obstore.get(self._store, path).bytes()))
            return bool(holder["training_key"] == training_key)
        return True


def _member(manifest: bytes, name: str, default: Any) -> Any:
    """What a manifest has under a name; the default if it has nothing there, or isn't JSON."""
    try:
        return from_json(manifest)[name]
    except (ValueError, TypeError, KeyError):
        return default


def _reader(kind: Kind) -> Callable[[bytes], "AnyManifest"]:
    """What reads a manifest of a kind. That of recommenders is imported only where there is one."""
    if kind == RECOMMENDER:
        from mlops.registry.manifest.recommender import RecommenderManifest

        return RecommenderManifest.model_validate_json
    return Manifest.model_validate_json


def describe(content: bytes) -> File:
    """The size and digest of a file's content."""
    return File(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def list_models(store: Store) -> list[str]:
    """The names of all models in the store, sorted. A folder that no model can be called after isn't one."""
    listing = obstore.list_with_delimiter(store)
    names = [prefix.rstrip("/") for prefix in listing["common_prefixes"]]
    return sorted(name for name in names if MODEL_NAME.fullmatch(name))
