"""Makes moto's S3 check requests as S3 does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.s3 import models, responses

from localaws.moto_patches import MotoPatches
from localaws.s3 import (
    bucket_settings,
    checksums,
    copies,
    deletions,
    lifecycles,
    listings,
    locks,
    notification_settings,
    post_policies,
    reads,
    tags,
    uploads,
)
from localaws.s3.signatures import Signatures


def install(patches: MotoPatches, signatures: Signatures) -> None:
    """Replace what moto accepts or answers otherwise."""
    backend, handler, bucket = models.S3Backend, responses.S3Response, models.FakeBucket
    for owner, name, make in (
        *_uploads(backend, handler),
        *_objects(backend, handler),
        *_listings(backend, handler),
        *_settings(backend, handler, bucket),
        (handler, "_bucket_response_post", post_policies.checked_post(signatures)),
    ):
        patches.replace(owner, name, make)


type _Patches = Iterator[tuple[Any, str, Callable[[Any], Any]]]


def _uploads(backend: Any, handler: Any) -> _Patches:
    for name in ("upload_part", "upload_part_copy", "complete_multipart_upload"):
        yield backend, name, uploads.existing
    yield backend, "create_multipart_upload", uploads.started
    yield backend, "complete_multipart_upload", uploads.completed
    yield models.FakeMultipart, "complete", lambda _: uploads.complete
    yield handler, "_complete_multipart_body", uploads.ordered
    yield handler, "_key_response_post", uploads.answered
    yield handler, "list_parts", uploads.listed


def _objects(backend: Any, handler: Any) -> _Patches:
    for name in ("copy_object", "upload_part_copy"):
        yield handler, name, copies.checked_copy
    yield backend, "copy_object", checksums.of_copy
    yield backend, "put_object", checksums.of_object
    yield handler, "_get_checksum", lambda _: checksums.for_upload
    yield handler, "get_object", reads.checked_get
    yield handler, "head_object", reads.checked_head
    yield handler, "get_object_attributes", reads.with_parts
    yield models.FakeKey, "response_dict", reads.with_settings
    yield handler, "_bucket_response_delete_keys", deletions.checked
    yield backend, "delete_objects", lambda _: deletions.several
    yield handler, "_tagging_from_xml", tags.checked_tags
    yield handler, "_tagging_from_headers", tags.checked_tag_header
    yield handler, "_get_lock_details", locks.checked_lock
    yield backend, "put_object_retention", locks.checked_retention


def _listings(backend: Any, handler: Any) -> _Patches:
    for name in ("list_objects", "list_objects_v2", "list_object_versions"):
        yield handler, name, listings.limited
    for name in ("list_objects", "list_objects_v2"):
        yield handler, name, listings.echoed
    yield handler, "all_buckets", listings.buckets
    yield handler, "list_multipart_uploads", uploads.uploads
    yield backend, "list_objects", listings.with_prefixes
    yield backend, "list_objects_v2", lambda _: listings.by_token
    yield backend, "list_object_versions", listings.resumed


def _settings(backend: Any, handler: Any, bucket: Any) -> _Patches:
    yield bucket, "__init__", bucket_settings.with_defaults
    yield bucket, "set_cors", bucket_settings.checked_cors
    yield bucket, "set_lifecycle", lifecycles.checked
    yield handler, "get_bucket_lifecycle", lifecycles.described
    yield backend, "create_bucket", bucket_settings.located
    yield backend, "get_bucket_encryption", bucket_settings.with_own_keys
    yield backend, "put_bucket_policy", bucket_settings.checked_policy
    yield backend, "put_bucket_versioning", bucket_settings.checked_versioning
    yield handler, "_acl_from_headers", bucket_settings.checked_lists
    yield handler, "_bucket_tagging_from_body", tags.checked_bucket_tags
    yield backend, "put_object_lock_configuration", lambda _: locks.lock
    yield handler, "_notification_config_from_body", notification_settings.named_rules
    yield backend, "put_bucket_notification_configuration", notification_settings.checked_notifications
