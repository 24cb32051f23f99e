"""The actions that S3's requests ask for.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote
from xml.etree import ElementTree

from localaws.iam.asked import Asked
from localaws.iam.http_request import HttpRequest
from localaws.iam.passed_roles import pass_role
from localaws.iam.resources import ALL

_VIRTUAL = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.(s3[.-]|localhost)")
# A subresource of an object: the name that its actions end in.
_OF_OBJECT = {"acl": "Acl", "tagging": "Tagging", "legal-hold": "LegalHold", "retention": "Retention"}
_VERSIONED = ("acl", "tagging")
# A subresource of a bucket: its actions of GET, PUT and DELETE; "" where there's none.
_OF_BUCKET = {
    "accelerate": ("GetAccelerateConfiguration", "PutAccelerateConfiguration", ""),
    "acl": ("GetBucketAcl", "PutBucketAcl", ""),
    "analytics": ("GetAnalyticsConfiguration", "PutAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    "cors": ("GetBucketCORS", "PutBucketCORS", "PutBucketCORS"),
    "encryption": ("GetEncryptionConfiguration", "PutEncryptionConfiguration", "PutEncryptionConfiguration"),
    "inventory": ("GetInventoryConfiguration", "PutInventoryConfiguration", "PutInventoryConfiguration"),
    "lifecycle": ("GetLifecycleConfiguration", "PutLifecycleConfiguration", "PutLifecycleConfiguration"),
    "location": ("GetBucketLocation", "", ""),
    "logging": ("GetBucketLogging", "PutBucketLogging", ""),
    "metrics": ("GetMetricsConfiguration", "PutMetricsConfiguration", "PutMetricsConfiguration"),
    "notification": ("GetBucketNotification", "PutBucketNotification", ""),
    "object-lock": ("GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration", ""),
    "ownershipControls": ("GetBucketOwnershipControls", "PutBucketOwnershipControls", "PutBucketOwnershipControls"),
    "policy": ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"),
    "policyStatus": ("GetBucketPolicyStatus", "", ""),
    "publicAccessBlock": ("GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
    "replication": ("GetReplicationConfiguration", "PutReplicationConfiguration", "PutReplicationConfiguration"),
    "requestPayment": ("GetBucketRequestPayment", "PutBucketRequestPayment", ""),
    "tagging": ("GetBucketTagging", "PutBucketTagging", "PutBucketTagging"),
    "uploads": ("ListBucketMultipartUploads", "", ""),
    "versioning": ("GetBucketVersioning", "PutBucketVersioning", ""),
    "versions": ("ListBucketVersions", "", ""),
    "website": ("GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"),
}
_METHODS = {"GET": 0, "HEAD": 0, "PUT": 1, "DELETE": 2}


def asked(request: HttpRequest) -> Iterator[Asked]:
    """The actions that a request needs, all of them."""
    bucket, key = address(request)
    if not bucket:
        yield Asked("s3:ListAllMyBuckets", ALL)
    elif key:
        yield from _of_object(request, bucket, key)
    elif request.method == "POST" and "delete" in request.query:
        yield from _deletions(request, bucket)
    else:
        yield _of_bucket(request, bucket)
        if request.method == "PUT" and "replication" in request.query:
            yield from _replication_roles(request)


def address(request: HttpRequest) -> tuple[str, str]:
    """The bucket and the key, which may be empty."""
    path = request.path.lstrip("/")
    virtual = _VIRTUAL.match(request.host)
    if virtual:
        return virtual["bucket"], unquote(path)
    bucket, _, key = path.partition("/")
    return unquote(bucket), unquote(key)


def _of_object(request: HttpRequest, bucket: str, key: str) -> Iterator[Asked]:
    arn = f"arn:aws:s3:::{bucket}/{key}"
    context = _object_context(request)
    version = request.query.get("versionId", [""])[0]
    part = next((name for name in _OF_OBJECT if name in request.query), None)
    of = "ObjectVersion" if version and (part is None or part in _VERSIONED) else "Object"
    named = _OF_OBJECT[part] if part else ""
    if request.method in ("GET", "HEAD"):
        actions = ["ListMultipartUploadParts"] if "uploadId" in request.query else [f"Get{of}{named}"]
        actions += [f"Get{of}Attributes"] * ("attributes" in request.query)
    elif request.method == "DELETE":
        actions = ["AbortMultipartUpload"] if "uploadId" in request.query else [f"Delete{of}{named}"]
    elif part:
        actions = [f"Put{of}{named}"]
    else:
        actions = _written(request)
    for action in actions:
        yield Asked(f"s3:{action}", arn, context)
    if source := request.headers.get("x-amz-copy-source"):
        yield _copied(source)


def _written(request: HttpRequest) -> list[str]:
    """The actions of a PUT or POST of an object itself."""
    if "restore" in request.query:
        return ["RestoreObject"]
    if "select" in request.query:
        return ["GetObject"]
    return ["PutObject", *(["PutObjectTagging"] if "x-amz-tagging" in request.headers else [])]


def _copied(source: str) -> Asked:
    path, _, query = source.partition("?")
    action = "s3:GetObjectVersion" if query.startswith("versionId=") else "s3:GetObject"
    return Asked(action, f"arn:aws:s3:::{unquote(path).lstrip('/')}")


def _deletions(request: HttpRequest, bucket: str) -> Iterator[Asked]:
    """DeleteObjects deletes each by itself."""
    root = ElementTree.fromstring(request.read())  # noqa: S314 (from this machine, and moto parses it the same way)
    for each in root.iter():
        if each.tag.rpartition("}")[2] != "Object":
            continue
        found = {child.tag.rpartition("}")[2]: child.text or "" for child in each}
        action = "s3:DeleteObjectVersion" if found.get("VersionId") else "s3:DeleteObject"
        yield Asked(action, f"arn:aws:s3:::{bucket}/{found.get('Key', '')}")


def _replication_roles(request: HttpRequest) -> Iterator[Asked]:
    root = ElementTree.fromstring(request.read())  # noqa: S314 (from this machine, and moto parses it the same way)
    for each in root.iter():
        if each.tag.rpartition("}")[2] == "Role" and each.text:
            yield pass_role(each.text, "s3.amazonaws.com")


def _of_bucket(request: HttpRequest, bucket: str) -> Asked:
    arn = f"arn:aws:s3:::{bucket}"
    place = _METHODS.get(request.method)
    for name, actions in _OF_BUCKET.items():
        if name in request.query and place is not None and actions[place]:
            return Asked(f"s3:{actions[place]}", arn, _listing(request))
    if request.method in ("GET", "HEAD"):
        return Asked("s3:ListBucket", arn, _listing(request))
    return Asked({"PUT": "s3:CreateBucket", "DELETE": "s3:DeleteBucket"}.get(request.method, "s3:PutObject"), arn)


def _listing(request: HttpRequest) -> Mapping[str, tuple[str, ...]]:
    names = ("prefix", "delimiter", "max-keys")
    return {f"s3:{name}": (request.query[name][0],) for name in names if name in request.query}


def _object_context(request: HttpRequest) -> Mapping[str, tuple[str, ...]]:
    names = ("acl", "server-side-encryption", "server-side-encryption-aws-kms-key-id", "storage-class")
    found = {f"s3:x-amz-{name}": request.headers.get(f"x-amz-{name}", "") for name in names}
    found["s3:versionid"] = request.query.get("versionId", [""])[0]
    return {key: (value,) for key, value in found.items() if value}
