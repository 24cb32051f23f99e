"""Settings of buckets that S3 refuses, or that local AWS has nothing for.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from moto.s3.exceptions import AccessDeniedByLock, InvalidTagError, MalformedXML, S3ClientError
from moto.s3.models import PublicAccessBlock

from localaws.iam.policy import read_policy
from localaws.s3.cors import check_rules

_OWNER_ENFORCED = "BucketOwnerEnforced"
_UNSUPPORTED = "UnsupportedByLocalAws"
# Access lists that say no more than that the owner owns.
_OWNERS = ("private", "bucket-owner-full-control")
_MOST_TAGS = 50
# A time without its fraction, which some clients send and others don't.
_SECONDS = len("2026-01-01T00:00:00")
_PUBLIC_POLICY = (
    "User is not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the "
    "BlockPublicPolicy setting in S3 Block Public Access."
)
_EVENTS = frozenset(
    {
        "s3:ObjectCreated:*",
        "s3:ObjectCreated:Put",
        "s3:ObjectCreated:Post",
        "s3:ObjectCreated:Copy",
        "s3:ObjectCreated:CompleteMultipartUpload",
        "s3:ObjectRemoved:*",
        "s3:ObjectRemoved:Delete",
        "s3:ObjectRemoved:DeleteMarkerCreated",
    }
)
_KINDS = ("TopicConfiguration", "QueueConfiguration", "CloudFunctionConfiguration")


def checked_notifications(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.put_bucket_notification_configuration; raises S3ClientError."""

    def put(backend: Any, bucket_name: str, notification_config: Any) -> Any:
        check_notifications(notification_config or {})
        return original(backend, bucket_name, notification_config)

    return put


def check_notifications(settings: Mapping[str, Any]) -> None:
    """Raise S3ClientError for events that aren't sent, and if two configurations want the same event of an object."""
    found = [each for kind in _KINDS for each in _listed(settings.get(kind))]
    for each in found:
        for event in _listed(each.get("Event")):
            if event not in _EVENTS:
                raise S3ClientError(_UNSUPPORTED, f"Local AWS doesn't send notifications of the event {event}.")
    for one, other in itertools.combinations(found, 2):
        if _share_events(one, other) and _share_keys(one, other):
            raise S3ClientError(
                "InvalidArgument",
                "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
            )


def checked_cors(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap FakeBucket.set_cors; raises S3ClientError."""

    def set_cors(bucket: Any, rules: list[Mapping[str, Any]]) -> Any:
        refused = check_rules(rules)
        if refused:
            raise S3ClientError(refused.code, refused.message)
        return original(bucket, rules)

    return set_cors


def checked_policy(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.put_bucket_policy; raises S3ClientError for a document that isn't a policy."""

    def put(backend: Any, bucket_name: str, policy: Any) -> Any:
        try:
            # Templates have policies without statements, which allow and deny nothing.
            if json.loads(policy).get("Statement") != []:
                read_policy(bucket_name, policy, "resource")
        except (AttributeError, ValueError) as error:
            raise S3ClientError("MalformedPolicy", str(error)) from None
        block = backend.get_bucket(bucket_name).public_access_block
        if block and block.block_public_policy and is_public(json.loads(policy)):
            raise S3ClientError("AccessDenied", _PUBLIC_POLICY)
        return original(backend, bucket_name, policy)

    return put


def is_public(policy: Mapping[str, Any]) -> bool:
    """Whether a policy allows something to everyone. With a condition it doesn't, here."""
    return any(
        statement.get("Effect") == "Allow"
        and not statement.get("Condition")
        and (statement.get("Principal") == "*" or "*" in _listed(dict(statement.get("Principal") or {}).get("AWS")))
        for statement in _listed(policy.get("Statement"))
    )


def checked_lists(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response._acl_from_headers; raises S3ClientError where the bucket's owner owns all objects."""

    def acl(handler: Any, headers: Mapping[str, str]) -> Any:
        named = headers.get("x-amz-acl", "private")
        grants = any(name.lower().startswith("x-amz-grant-") for name in dict(headers.items()))
        bucket = handler.backend.buckets.get(handler.bucket_name)
        if (grants or named not in _OWNERS) and bucket and bucket.ownership_rule == _OWNER_ENFORCED:
            raise S3ClientError("AccessControlListNotSupported", "The bucket does not allow ACLs")
        return original(handler, headers)

    return acl


def checked_bucket_tags(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response._bucket_tagging_from_body; raises S3ClientError."""

    def tags(handler: Any) -> Any:
        found = original(handler)
        if len(found) > _MOST_TAGS:
            raise S3ClientError("BadRequest", f"Bucket tag count cannot be greater than {_MOST_TAGS}")
        return found

    return tags


def checked_tag_header(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response._tagging_from_headers, which loses a tag whose key another has; raises S3ClientError."""

    def tags(handler: Any, headers: Mapping[str, str]) -> Any:
        keys = [key for key, _ in parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True)]
        if len(set(keys)) < len(keys):
            message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
            raise S3ClientError("InvalidArgument", f"{message}without tag name duplicates.")
        return original(handler, headers)

    return tags


def checked_lifecycle(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap FakeBucket.set_lifecycle; raises S3ClientError."""

    def set_lifecycle(bucket: Any, rules: list[Mapping[str, Any]]) -> Any:
        names = [rule["ID"] for rule in rules if rule.get("ID")]
        if len(set(names)) < len(names):
            raise S3ClientError("InvalidArgument", "Rule ID must be unique. Found same ID for one or more rules")
        for rule in rules:
            days = (rule.get("Expiration") or {}).get("Days")
            if days is not None and int(days) < 1:
                raise S3ClientError("InvalidArgument", "'Days' for Expiration action must be a positive integer")
        return original(bucket, rules)

    return set_lifecycle


def checked_versioning(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.put_bucket_versioning: moto would delete the versions of a bucket that's suspended."""

    def put(backend: Any, bucket_name: str, status: str) -> Any:
        if status not in ("Enabled", "Suspended"):
            raise MalformedXML
        if backend.get_bucket(bucket_name).object_lock_enabled and status == "Suspended":
            message = (
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
            )
            raise S3ClientError("InvalidBucketState", message)
        if status == "Suspended" and backend.get_bucket(bucket_name).is_versioned:
            raise S3ClientError(_UNSUPPORTED, "Local AWS doesn't support suspending the versions of a bucket.")
        return original(backend, bucket_name, status)

    return put


def with_defaults(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap FakeBucket.__init__: a new bucket has no public access, and its owner owns all objects.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
    """

    def create(bucket: Any, *args: Any, **options: Any) -> None:
        original(bucket, *args, **options)
        bucket.ownership_rule = _OWNER_ENFORCED
        bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")

    return create


def with_own_keys(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.get_bucket_encryption: by default S3 encrypts with its own keys."""

    def get(backend: Any, bucket_name: str) -> Any:
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        return original(backend, bucket_name) or {"Rule": default}

    return get


def checked_retention(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.put_object_retention: a lock is never shortened, unless its mode is GOVERNANCE and bypassed."""

    def put(backend: Any, bucket_name: str, key_name: str, version_id: str | None, retention: Any) -> Any:
        key = backend.get_object(bucket_name, key_name, version_id=version_id)
        bypass = request.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
        mode, until = retention
        sooner = (until or "")[:_SECONDS] < (key.lock_until or "")[:_SECONDS]
        lighter = sooner or (mode, key.lock_mode) == ("GOVERNANCE", "COMPLIANCE")
        if key.lock_mode and lighter and not (bypass and key.lock_mode == "GOVERNANCE"):
            raise AccessDeniedByLock
        return original(backend, bucket_name, key_name, version_id, retention)

    return put


def checked_tags(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response._tagging_from_xml, which loses a tag whose key another has; raises InvalidTagError."""

    def tags(handler: Any) -> Any:
        found = original(handler)
        if handler.body.count(b"<Key>" if isinstance(handler.body, bytes) else "<Key>") > len(found):
            raise InvalidTagError("Cannot provide multiple Tags with the same key")
        return found

    return tags


def _share_events(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(
        _covers(first, second) or _covers(second, first)
        for first in _listed(one.get("Event"))
        for second in _listed(other.get("Event"))
    )


def _covers(pattern: str, event: str) -> bool:
    return pattern == event or (pattern.endswith("*") and event.startswith(pattern[:-1]))


def _share_keys(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the filters of two configurations let a common key pass."""
    (prefix, suffix), (other_prefix, other_suffix) = _filter(one), _filter(other)
    prefixes = prefix.startswith(other_prefix) or other_prefix.startswith(prefix)
    return prefixes and (suffix.endswith(other_suffix) or other_suffix.endswith(suffix))


def _filter(configuration: Mapping[str, Any]) -> tuple[str, str]:
    rules = _listed(((configuration.get("Filter") or {}).get("S3Key") or {}).get("FilterRule"))
    named = {str(rule["Name"]).lower(): rule.get("Value") or "" for rule in rules}
    return named.get("prefix", ""), named.get("suffix", "")


def _listed(value: Any) -> list[Any]:
    return list(_each(value))


def _each(value: Any) -> Iterator[Any]:
    if value is not None:
        yield from value if isinstance(value, list) else [value]
