"""Settings of buckets: their defaults, and those that S3 refuses or that local AWS has nothing for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.s3.exceptions import InvalidLocationConstraintException, MalformedXML, S3ClientError
from moto.s3.models import PublicAccessBlock

from localaws.iam.policy import read_policy
from localaws.s3.cors import check_rules
from localaws.s3.documents import listed

_OWNER_ENFORCED = "BucketOwnerEnforced"
_UNSUPPORTED = "UnsupportedByLocalAws"
# Access lists that say no more than that the owner owns.
_OWNERS = ("private", "bucket-owner-full-control")
_PUBLIC_LISTS = ("public-read", "public-read-write", "authenticated-read")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+")
_PUBLIC_POLICY = (
    "User is not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the "
    "BlockPublicPolicy setting in S3 Block Public Access."
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
        and (statement.get("Principal") == "*" or "*" in listed(dict(statement.get("Principal") or {}).get("AWS")))
        for statement in listed(policy.get("Statement"))
    )


def checked_lists(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response._acl_from_headers; raises S3ClientError where the bucket's owner owns all objects."""

    def acl(handler: Any, headers: Mapping[str, str]) -> Any:
        named = headers.get("x-amz-acl", "private")
        grants = any(name.lower().startswith("x-amz-grant-") for name in dict(headers.items()))
        bucket = handler.backend.buckets.get(handler.bucket_name)
        if (grants or named not in _OWNERS) and bucket and bucket.ownership_rule == _OWNER_ENFORCED:
            raise S3ClientError("AccessControlListNotSupported", "The bucket does not allow ACLs")
        public = named in _PUBLIC_LISTS or any("/groups/global/" in value for value in headers.values())
        block = bucket and bucket.public_access_block
        if public and block and block.block_public_acls:
            raise S3ClientError("AccessDenied", "Access Denied")
        return original(handler, headers)

    return acl


def located(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.create_bucket; raises InvalidLocationConstraintException for what isn't a region."""

    def create(backend: Any, bucket_name: str, region_name: str, *args: Any, **options: Any) -> Any:
        if region_name != "EU" and not _REGION.fullmatch(region_name):
            raise InvalidLocationConstraintException
        return original(backend, bucket_name, region_name, *args, **options)

    return create


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
