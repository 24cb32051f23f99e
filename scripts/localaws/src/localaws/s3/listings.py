"""Listings: pages of at most 1,000 keys, in which common prefixes count.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_LARGEST_PAGE = 1000


def limited(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap an operation of S3Response that lists, so that its pages aren't larger than S3's."""

    def listing(handler: Any) -> Any:
        asked = handler.querystring.get("max-keys")
        if asked and str(asked[0]).isdigit():
            handler.querystring["max-keys"] = [str(min(int(asked[0]), _LARGEST_PAGE))]
        return original(handler)

    return listing


def with_prefixes(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.list_objects, which neither pages nor skips common prefixes."""

    def list_objects(
        backend: Any, bucket: Any, prefix: str | None, delimiter: str | None, marker: str | None, max_keys: int | None
    ) -> Any:
        if max_keys is None:
            return original(backend, bucket, prefix, delimiter, marker, max_keys)
        keys, folders, _, _ = original(backend, bucket, prefix, delimiter, None, None)
        found = sorted(
            [(key.name, key) for key in keys] + [(folder, None) for folder in folders], key=lambda each: each[0]
        )
        if marker:
            # A marker within a common prefix skips it whole.
            found = [
                each for each in found if each[0] > marker and not (each[1] is None and marker.startswith(each[0]))
            ]
        page = found[:max_keys]
        more = bool(page) and len(found) > max_keys
        names = [name for name, key in page if key is None]
        # S3 tells where to go on only if there's a delimiter: else it's the last key.
        return [key for _, key in page if key], names, more, page[-1][0] if more and delimiter else None

    return list_objects


def resumed(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.list_object_versions, which finds no further page if a marker's version was deleted meanwhile."""

    def list_object_versions(
        backend: Any, bucket_name: str, delimiter: str | None = None, key_marker: str | None = None, **options: Any
    ) -> Any:
        keys = backend.get_bucket(bucket_name).keys
        marked = options.get("version_id_marker")
        versions = keys.getlist(key_marker, []) if key_marker else []
        if key_marker and not delimiter and marked not in [version.version_id for version in versions]:
            # Go on behind the last version before the marker, which is there.
            names = [name for name in keys if name < key_marker or (name == key_marker and not marked)]
            before = sorted(keys.getlist(max(names)), key=lambda each: each.last_modified) if names else []
            key_marker = before[0].name if before else None
            options["version_id_marker"] = before[0].version_id if before else None
        return original(backend, bucket_name, delimiter, key_marker, **options)

    return list_object_versions
