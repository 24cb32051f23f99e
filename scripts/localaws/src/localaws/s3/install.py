"""Makes moto's S3 check requests as S3 does."""

from __future__ import annotations

from moto.s3 import models, responses

from localaws.moto_patches import MotoPatches
from localaws.s3 import bucket_settings, checksums, copies, deletions, listings, post_policies, reads, uploads
from localaws.s3.signatures import Signatures


def install(patches: MotoPatches, signatures: Signatures) -> None:
    """Replace what moto accepts or answers otherwise."""
    backend, handler = models.S3Backend, responses.S3Response
    for name in ("upload_part", "upload_part_copy"):
        patches.replace(backend, name, uploads.existing)
    patches.replace(backend, "complete_multipart_upload", uploads.existing)
    patches.replace(handler, "_complete_multipart_body", uploads.ordered)
    patches.replace(models.FakeMultipart, "complete", lambda _: uploads.complete)
    patches.replace(backend, "complete_multipart_upload", uploads.completed)
    patches.replace(backend, "create_multipart_upload", uploads.started)
    patches.replace(handler, "list_parts", uploads.listed)
    patches.replace(handler, "list_multipart_uploads", uploads.uploads)
    patches.replace(handler, "_get_checksum", lambda _: checksums.for_upload)
    patches.replace(backend, "put_object", checksums.of_object)
    patches.replace(backend, "copy_object", checksums.of_copy)
    patches.replace(handler, "head_object", reads.checked_head)
    patches.replace(models.FakeBucket, "__init__", bucket_settings.with_defaults)
    patches.replace(backend, "get_bucket_encryption", bucket_settings.with_own_keys)
    for name in ("copy_object", "upload_part_copy"):
        patches.replace(handler, name, copies.checked_copy)
    for name in ("list_objects", "list_objects_v2", "list_object_versions"):
        patches.replace(handler, name, listings.limited)
    patches.replace(backend, "list_objects", listings.with_prefixes)
    patches.replace(backend, "list_object_versions", listings.resumed)
    patches.replace(handler, "get_object", reads.checked_get)
    patches.replace(handler, "_bucket_response_delete_keys", deletions.checked)
    patches.replace(handler, "_bucket_response_post", post_policies.checked_post(signatures))
    patches.replace(models.FakeKey, "response_dict", reads.with_settings)
    patches.replace(handler, "_tagging_from_xml", bucket_settings.checked_tags)
    patches.replace(backend, "put_bucket_notification_configuration", bucket_settings.checked_notifications)
    patches.replace(backend, "put_bucket_policy", bucket_settings.checked_policy)
    patches.replace(backend, "put_bucket_versioning", bucket_settings.checked_versioning)
    patches.replace(models.FakeBucket, "set_lifecycle", bucket_settings.checked_lifecycle)
    patches.replace(models.FakeBucket, "set_cors", bucket_settings.checked_cors)
    patches.replace(handler, "_key_response_post", uploads.answered)
    patches.replace(handler, "get_object_attributes", reads.with_parts)
    patches.replace(handler, "_acl_from_headers", bucket_settings.checked_lists)
    patches.replace(handler, "_bucket_tagging_from_body", bucket_settings.checked_bucket_tags)
    patches.replace(handler, "_tagging_from_headers", bucket_settings.checked_tag_header)
    for name in ("list_objects", "list_objects_v2"):
        patches.replace(handler, name, listings.echoed)
    patches.replace(handler, "all_buckets", listings.buckets)
    patches.replace(backend, "list_objects_v2", lambda _: listings.by_token)
    patches.replace(backend, "delete_objects", lambda _: deletions.several)
    patches.replace(backend, "put_object_retention", bucket_settings.checked_retention)
