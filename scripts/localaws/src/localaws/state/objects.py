"""Saves and restores buckets and the versions of their objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.s3.models import FakeDeleteMarker, FakeKey, s3_backends

from localaws.s3 import checksums
from localaws.settings import ACCOUNT
from localaws.state.folder import Folder


class Objects:
    """Reads and fills moto's buckets without sending notifications."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._backend: Any = s3_backends[ACCOUNT]["aws"]
        # A version never changes, so its content is stored once.
        self._known: dict[tuple[str, str, str, str], str] = {}

    def read(self) -> list[dict[str, Any]]:
        """Every bucket with every version."""
        return [
            {
                "name": bucket.name,
                "versioning": bucket.versioning_status,
                "versions": [self._version(key) for _, keys in list(bucket.keys._iterlists()) for key in list(keys)],
            }
            for bucket in list(self._backend.buckets.values())
        ]

    def names(self) -> set[str]:
        """The names of existing buckets."""
        return set(self._backend.buckets)

    def fill(self, kept: dict[str, Any]) -> None:
        """Restore a bucket's versions, in order and with their ids."""
        bucket = self._backend.get_bucket(kept["name"])
        versions: dict[str, list[Any]] = {}
        for version in kept["versions"]:
            versions.setdefault(version["key"], []).append(self._restored(bucket, version))
        for key, items in versions.items():
            bucket.keys.setlist(key, items)

    def contents(self) -> set[str]:
        """The digests of the versions' contents."""
        return set(self._known.values())

    def _version(self, key: Any) -> dict[str, Any]:
        common = {"key": key.name, "version": key.version_id, "modified": key.last_modified.isoformat()}
        if isinstance(key, FakeDeleteMarker):
            return common | {"marker": True}
        identity = (key.bucket_name, key.name, key.version_id, key.etag)
        if identity not in self._known:
            self._known[identity] = self._folder.put(key.value)
        tags = self._backend.tagger.get_tag_dict_for_resource(key.arn)
        return common | {
            "content": self._known[identity],
            "etag": key.etag.strip('"'),
            "checksum": [key.checksum_algorithm, key.checksum_type, key.checksum_value],
            "metadata": dict(key.metadata),
            "tags": tags,
        }

    def _restored(self, bucket: Any, version: dict[str, Any]) -> Any:
        content = b"" if version.get("marker") else self._folder.get(version["content"])
        key: Any = FakeKey(
            name=version["key"],
            bucket_name=bucket.name,
            value=content,
            account_id=ACCOUNT,
            region_name=bucket.region_name,
            etag=version.get("etag"),
            is_versioned=bucket.is_versioned,
            version_id=version["version"],
        )
        key.last_modified = datetime.fromisoformat(version["modified"])
        if version.get("marker"):
            marker: Any = FakeDeleteMarker(key)
            marker._version_id, marker.last_modified = version["version"], key.last_modified
            return marker
        key._metadata.update(version["metadata"])
        checksum = version.get("checksum") or [checksums.DEFAULT, checksums.FULL, None]
        key.checksum_algorithm, key.checksum_type, key.checksum_value = checksum
        if key.checksum_value is None:
            # Saved by a version that had none.
            key.checksum_value = checksums.digest(content, key.checksum_algorithm)
        self._known[(bucket.name, key.name, key.version_id, key.etag)] = version["content"]
        if version["tags"]:
            self._backend.tagger.tag_resource(key.arn, [{"Key": k, "Value": v} for k, v in version["tags"].items()])
        return key
