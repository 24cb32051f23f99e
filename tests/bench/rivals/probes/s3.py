"""Probes of S3."""

from __future__ import annotations

import base64
import hashlib
import json
import time

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import expect, probe

_GUIDE = "AmazonS3/latest/userguide"


@probe(f"{_GUIDE}/conditional-writes.html")
def create_only(cloud: Cloud) -> None:
    """A PUT with `If-None-Match: *` of a key that exists fails with 412 PreconditionFailed."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", IfNoneMatch="*")
    error = refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="a", Body=b"2", IfNoneMatch="*")
    expect(error.response["ResponseMetadata"]["HTTPStatusCode"], 412)
    expect(s3.get_object(Bucket=bucket, Key="a")["Body"].read(), b"1")


@probe(f"{_GUIDE}/conditional-writes.html")
def compare_and_swap(cloud: Cloud) -> None:
    """A PUT with the ETag of an older content in `If-Match` fails, and the object stays."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    old = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["ETag"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfMatch=old)
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="a", Body=b"3", IfMatch=old)
    expect(s3.get_object(Bucket=bucket, Key="a")["Body"].read(), b"2")


@probe("AmazonS3/latest/API/API_PutObject.html")
def form_content(cloud: Cloud) -> None:
    """An object with the content type of a form keeps its bytes and type."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    kind = "application/x-www-form-urlencoded"
    s3.put_object(Bucket=bucket, Key="a", Body=b"a=1&b=%20", ContentType=kind)
    found = s3.get_object(Bucket=bucket, Key="a")
    expect((found["Body"].read(), found["ContentType"]), (b"a=1&b=%20", kind))


@probe(f"{_GUIDE}/checking-object-integrity-upload.html")
def multipart_etag(cloud: Cloud) -> None:
    """The ETag of a multipart upload is the MD5 of its parts' MD5s and their number."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    parts, digests = [], b""
    for number, content in enumerate((b"x" * 5 * 1024 * 1024, b"end"), 1):
        sent = s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=number, Body=content)
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        digests += hashlib.md5(content).digest()
    s3.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload={"Parts": parts})
    expect(s3.head_object(Bucket=bucket, Key="a")["ETag"], f'"{hashlib.md5(digests).hexdigest()}-2"')


@probe(f"{_GUIDE}/qfacts.html")
def small_part(cloud: Cloud) -> None:
    """A part under 5 MB that isn't the last is refused with EntityTooSmall."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    parts = []
    for number in (1, 2):
        sent = s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=number, Body=b"small")
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    complete = s3.complete_multipart_upload
    refused("EntityTooSmall", complete, Bucket=bucket, Key="a", UploadId=upload, MultipartUpload={"Parts": parts})


@probe("AmazonS3/latest/API/API_GetObject.html")
def byte_range(cloud: Cloud) -> None:
    """A range is answered with 206, those bytes and Content-Range."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"0123456789")
    found = s3.get_object(Bucket=bucket, Key="a", Range="bytes=2-5")
    status = found["ResponseMetadata"]["HTTPStatusCode"]
    expect((status, found["Body"].read(), found["ContentRange"]), (206, b"2345", "bytes 2-5/10"))


@probe(f"{_GUIDE}/DeleteMarker.html")
def delete_marker(cloud: Cloud) -> None:
    """In a versioned bucket a DELETE puts a marker, and the version can still be read."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    expect(s3.delete_object(Bucket=bucket, Key="a")["DeleteMarker"], True)
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="a")
    expect(s3.get_object(Bucket=bucket, Key="a", VersionId=version)["Body"].read(), b"1")


@probe(f"{_GUIDE}/using-prefixes.html")
def common_prefixes(cloud: Cloud) -> None:
    """A listing with a delimiter groups keys, in the order of their UTF-8 bytes."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    for key in ("b/2", "Z", "a", "b/1", "é"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    found = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    expect([item["Key"] for item in found["Contents"]], ["Z", "a", "é"])
    expect([item["Prefix"] for item in found["CommonPrefixes"]], ["b/"])


@probe(f"{_GUIDE}/using-presigned-url.html")
def expired_url(cloud: Cloud) -> None:
    """A presigned URL reads its object until it expires; then it's 403 AccessDenied."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"}, ExpiresIn=1)
    expect(cloud.ask(url).body, b"1")
    time.sleep(2.5)
    answer = cloud.ask(url)
    expect((answer.status, b"AccessDenied" in answer.body), (403, True))


@probe(f"{_GUIDE}/checking-object-integrity-upload.html")
def wrong_checksum(cloud: Cloud) -> None:
    """A PUT whose SHA-256 isn't that of its content is refused with BadDigest."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    refused("BadDigest", s3.put_object, Bucket=bucket, Key="a", Body=b"1", ChecksumSHA256=other)
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="a")


@probe("AmazonS3/latest/API/API_CopyObject.html")
def copy_metadata(cloud: Cloud) -> None:
    """A copy keeps the metadata, or has its own with the directive REPLACE."""
    bucket, s3 = cloud.bucket(), cloud("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", Metadata={"kept": "yes"})
    source = {"Bucket": bucket, "Key": "a"}
    s3.copy_object(Bucket=bucket, Key="b", CopySource=source, Metadata={"new": "1"})
    s3.copy_object(Bucket=bucket, Key="c", CopySource=source, Metadata={"new": "1"}, MetadataDirective="REPLACE")
    found = [s3.head_object(Bucket=bucket, Key=key)["Metadata"] for key in "bc"]
    expect(found, [{"kept": "yes"}, {"new": "1"}])


@probe(f"{_GUIDE}/ev-events.html")
def event_to_bus(cloud: Cloud) -> None:
    """An event to EventBridge has the key as it is, and the reason PutObject."""
    bucket, s3, events = cloud.bucket(), cloud("s3"), cloud("events")
    url, arn = cloud.queue()
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    rule = cloud.name()
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [bucket]}}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": arn}])
    s3.put_object(Bucket=bucket, Key="a b/ü.txt", Body=b"123")
    detail = cloud.bodies(url)[0]["detail"]
    expect((detail["object"]["key"], detail["object"]["size"], detail["reason"]), ("a b/ü.txt", 3, "PutObject"))


def _notify(cloud: Cloud, bucket: str, arn: str, **filters: object) -> None:
    configuration = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], **filters}
    cloud("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [configuration]}
    )


def _created(cloud: Cloud, url: str, count: int) -> list[tuple[str, str]]:
    """The events on created objects, without S3's test event."""
    found: list[tuple[str, str]] = []

    def arrived() -> bool:
        for message in cloud.messages(url, 1, 1):
            records = json.loads(message["Body"]).get("Records", [])
            found.extend((record["eventName"], record["s3"]["object"]["key"]) for record in records)
        return len(found) >= count

    until(arrived)
    return found


@probe(f"{_GUIDE}/notification-content-structure.html")
def event_to_queue(cloud: Cloud) -> None:
    """A notification has the key URL-encoded, and the filter of its suffix applies."""
    bucket, (url, arn) = cloud.bucket(), cloud.queue()
    rule = {"Name": "suffix", "Value": ".csv"}
    _notify(cloud, bucket, arn, Filter={"Key": {"FilterRules": [rule]}})
    for key in ("a b/1.txt", "a b/1+2.csv"):
        cloud("s3").put_object(Bucket=bucket, Key=key, Body=b"1")
    expect(_created(cloud, url, 1), [("ObjectCreated:Put", "a+b/1%2B2.csv")])


@probe(f"{_GUIDE}/notification-how-to-event-types-and-destinations.html")
def multipart_event(cloud: Cloud) -> None:
    """A multipart upload is one event, ObjectCreated:CompleteMultipartUpload."""
    bucket, (url, arn), s3 = cloud.bucket(), cloud.queue(), cloud("s3")
    _notify(cloud, bucket, arn)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    tag = s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=1, Body=b"1")["ETag"]
    parts = [{"PartNumber": 1, "ETag": tag}]
    s3.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload={"Parts": parts})
    expect(_created(cloud, url, 1), [("ObjectCreated:CompleteMultipartUpload", "a")])
    expect(_created(cloud, url, 0), [])
