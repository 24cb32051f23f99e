"""Listings: pages of at most 1,000 keys, in which common prefixes count.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from moto.s3.exceptions import S3ClientError

from localaws.s3.checksums import adding

_LARGEST_PAGE = 1000
_MOST_BUCKETS = 10_000


def limited(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap an operation of S3Response that lists, so that its pages aren't larger than S3's."""

    def listing(handler: Any) -> Any:
        asked = handler.querystring.get("max-keys")
        if asked and str(asked[0]).isdigit():
            handler.querystring["max-keys"] = [str(min(int(asked[0]), _LARGEST_PAGE))]
        return original(handler)

    return listing


def echoed(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.list_objects and list_objects_v2, whose answers lack the marker or token of their request."""

    def listing(handler: Any) -> Any:
        asked = {name: values[0] for name, values in handler.querystring.items() if values}
        token, url = asked.get("continuation-token"), "encoding-type" in asked
        if token and token not in handler.backend._pagination_tokens:
            raise S3ClientError("InvalidArgument", "The continuation token provided is incorrect")
        bucket = handler.backend.get_bucket(handler.bucket_name)

        def more(result: Mapping[str, Any]) -> dict[str, Any]:
            added: dict[str, Any] = {}
            if asked.get("list-type") == "2":
                added = {"ContinuationToken": token} if token else {}
            else:
                added["Marker"] = asked.get("marker", "")
            contents = [_described(bucket, each, url) for each in result["Contents"]]
            if url and "CommonPrefixes" in result:
                folders = [{"Prefix": _form(each["Prefix"])} for each in result["CommonPrefixes"]]
                added["CommonPrefixes"] = folders
            return {**added, "Contents": contents}

        adding(handler, more)
        return original(handler)

    return listing


def buckets(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.all_buckets, whose answer has neither regions nor pages."""

    def all_buckets(handler: Any) -> Any:
        asked = {name: values[0] for name, values in handler.querystring.items() if values}
        most = int(asked.pop("max-buckets", _MOST_BUCKETS))
        # moto would count before it begins at the token.
        handler.querystring.pop("max-buckets", None)
        stored = handler.backend.buckets

        def more(result: Mapping[str, Any]) -> dict[str, Any]:
            begin = asked.get("continuation-token", "")
            found = sorted(result["Buckets"], key=lambda each: str(each["Name"]))
            found = [each for each in found if each["Name"] > begin]
            page = [{**each, "BucketRegion": stored[each["Name"]].region_name} for each in found[:most]]
            token = {"ContinuationToken": page[-1]["Name"]} if len(found) > most else {}
            return {"Buckets": page, **token, **({"Prefix": asked["prefix"]} if "prefix" in asked else {})}

        adding(handler, more)
        return original(handler)

    return all_buckets


def _described(bucket: Any, item: Mapping[str, Any], url: bool) -> dict[str, Any]:
    """An object of a listing, with its checksum's type."""
    name = unquote(item["Key"]) if url else item["Key"]
    key = bucket.keys.get(name)
    described = {**item, "Key": _form(item["Key"]) if url else item["Key"]}
    if key is not None and getattr(key, "checksum_algorithm", None):
        described |= {"ChecksumAlgorithm": [key.checksum_algorithm], "ChecksumType": key.checksum_type}
    return described


def _form(encoded: str) -> str:
    """A name in which S3 writes spaces as forms do."""
    return encoded.replace("%20", "+")


def with_prefixes(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.list_objects, which neither pages nor skips common prefixes."""

    def list_objects(
        backend: Any, bucket: Any, prefix: str | None, delimiter: str | None, marker: str | None, max_keys: int | None
    ) -> Any:
        keys, folders, truncated, following = original(backend, bucket, prefix, delimiter, None, None)
        if max_keys is None:
            return keys, folders, truncated, following
        found = sorted(
            [(key.name, key) for key in keys] + [(folder, None) for folder in folders], key=lambda each: each[0]
        )
        if marker:
            # A marker that's a common prefix skips it whole; one within it leaves what comes behind.
            found = [
                each for each in found if each[0] > marker or (each[1] is None and _goes_on(bucket, each[0], marker))
            ]
        page = found[:max_keys]
        more = bool(page) and len(found) > max_keys
        names = [name for name, key in page if key is None]
        # S3 tells where to go on only if there's a delimiter: else it's the last key.
        return [key for _, key in page if key], names, more, page[-1][0] if more and delimiter else None

    return list_objects


def _goes_on(bucket: Any, folder: str, marker: str) -> bool:
    """Whether a common prefix has keys behind a marker that's within it."""
    within = marker.startswith(folder) and marker != folder
    return within and any(name > marker and name.startswith(folder) for name in bucket.keys)


def by_token(
    backend: Any,
    bucket: Any,
    prefix: str | None,
    delimiter: str | None,
    continuation_token: str | None,
    start_after: str | None,
    max_keys: int,
) -> tuple[list[Any], bool, str | None]:
    """Replace S3Backend.list_objects_v2: objects and common prefixes, whether there are more, and their token."""
    marker = backend._pagination_tokens[continuation_token] if continuation_token else start_after
    keys, folders, more, _ = backend.list_objects(bucket, prefix, delimiter, marker, max_keys)
    if not more:
        return [*keys, *folders], False, None
    last = max([*(key.name for key in keys), *folders])
    token = hashlib.md5(last.encode(), usedforsecurity=False).hexdigest()
    backend._pagination_tokens[token] = last
    return [*keys, *folders], True, token


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
