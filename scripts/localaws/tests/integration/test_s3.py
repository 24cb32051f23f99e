"""What S3 refuses and moto accepts, and what moto does otherwise, through an AWS client."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
import uuid
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import boto3
import httpx
import pytest
import time_machine
from botocore.exceptions import ClientError

from localaws_testing.refusals import refused

PART = b"x" * 5 * 1024 * 1024


def answered(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    """The answer to a plain request; of names of headers `_` stands for `-`."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, url, headers=given, timeout=60)


@pytest.fixture
def s3(cloud: Any) -> Any:
    return cloud.client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"checked-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        named = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if named:
            s3.delete_objects(Bucket=name, Delete={"Objects": named})
    s3.delete_bucket(Bucket=name)


@pytest.mark.proves("s3 conditions")
def test_a_copy_has_conditions_for_its_source_and_its_target(s3: Any, bucket: str) -> None:
    tag = s3.put_object(Bucket=bucket, Key="a", Body=b"a")["ETag"]
    s3.put_object(Bucket=bucket, Key="b", Body=b"b")
    copy = {"Bucket": bucket, "Key": "b", "CopySource": {"Bucket": bucket, "Key": "a"}}

    for conditions in (
        {"CopySourceIfMatch": '"other"'},
        {"CopySourceIfNoneMatch": tag},
        {"CopySourceIfModifiedSince": 4_000_000_000},
        {"CopySourceIfUnmodifiedSince": 1_000_000_000},
        {"IfNoneMatch": "*"},
        {"IfMatch": tag},
    ):
        assert refused(s3.copy_object, **copy, **conditions) == "PreconditionFailed", conditions
    assert s3.get_object(Bucket=bucket, Key="b")["Body"].read() == b"b"
    s3.copy_object(**copy, CopySourceIfMatch=tag, CopySourceIfUnmodifiedSince=1_000_000_000)
    assert s3.get_object(Bucket=bucket, Key="b")["Body"].read() == b"a"


@pytest.mark.proves("s3 conditions")
def test_a_tag_that_matches_supersedes_a_time(s3: Any, bucket: str) -> None:
    tag = s3.put_object(Bucket=bucket, Key="a", Body=b"a")["ETag"]

    for read in (s3.get_object, s3.head_object):
        read(Bucket=bucket, Key="a", IfMatch=tag, IfUnmodifiedSince=1_000_000_000)
        assert refused(read, Bucket=bucket, Key="a", IfUnmodifiedSince=1_000_000_000) in ("PreconditionFailed", "412")
    assert refused(s3.put_object, Bucket=bucket, Key="a", IfNoneMatch=tag) == "NotImplemented"


@pytest.mark.proves("s3 uploads")
def test_parts_have_an_order_and_the_object_no_others(s3: Any, bucket: str) -> None:
    given = {"Bucket": bucket, "Key": "a"}
    given["UploadId"] = s3.create_multipart_upload(**given)["UploadId"]
    tags = [s3.upload_part(**given, PartNumber=n, Body=body)["ETag"] for n, body in ((1, PART), (2, b"y"), (3, b"z"))]
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]

    assert refused(s3.complete_multipart_upload, **given, MultipartUpload={"Parts": parts[1::-1]}) == "InvalidPartOrder"
    s3.complete_multipart_upload(**given, MultipartUpload={"Parts": parts[::2]})

    assert s3.get_object(Bucket=bucket, Key="a", Range="bytes=-2")["Body"].read() == b"xz"
    assert s3.head_object(Bucket=bucket, Key="a", PartNumber=1)["PartsCount"] == 2
    second = s3.get_object(Bucket=bucket, Key="a", PartNumber=2)
    assert (second["Body"].read(), second["ContentRange"]) == (b"z", f"bytes {len(PART)}-{len(PART)}/{len(PART) + 1}")
    assert refused(s3.get_object, Bucket=bucket, Key="a", PartNumber=3) == "InvalidPartNumber"


@pytest.mark.proves("s3 uploads")
def test_an_upload_that_was_aborted_takes_no_parts(s3: Any, bucket: str) -> None:
    given = {"Bucket": bucket, "Key": "a"}
    given["UploadId"] = s3.create_multipart_upload(**given)["UploadId"]
    s3.abort_multipart_upload(**given)

    assert refused(s3.upload_part, **given, PartNumber=1, Body=b"") == "NoSuchUpload"
    complete = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "t"}]}}
    assert refused(s3.complete_multipart_upload, **given, **complete) == "NoSuchUpload"


@pytest.mark.proves("s3 listings")
def test_pages_have_common_prefixes_and_at_most_a_thousand_keys(s3: Any, bucket: str) -> None:
    names = ["a/1", "a/2", "b", "c/1", "d", *(f"e{n:04}" for n in range(997))]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: s3.put_object(Bucket=bucket, Key=name), names))

    page = s3.list_objects(Bucket=bucket, Delimiter="/", MaxKeys=2)
    assert ([each["Prefix"] for each in page["CommonPrefixes"]], [each["Key"] for each in page["Contents"]]) == (
        ["a/"],
        ["b"],
    )
    following = s3.list_objects(Bucket=bucket, Delimiter="/", MaxKeys=2, Marker=page["NextMarker"])
    assert [each["Prefix"] for each in following["CommonPrefixes"]] == ["c/"]
    for listing in (s3.list_objects, s3.list_objects_v2, s3.list_object_versions):
        answer = listing(Bucket=bucket, MaxKeys=5000)
        assert (len(answer.get("Contents") or answer["Versions"]), answer["IsTruncated"]) == (1000, True)


@pytest.mark.proves("s3 listings")
def test_versions_are_listed_while_those_of_earlier_pages_are_deleted(s3: Any, bucket: str) -> None:
    for name in "abcd":
        s3.put_object(Bucket=bucket, Key=name)
    seen = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1}):
        for version in page["Versions"]:
            seen.append(version["Key"])
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])

    assert seen == ["a", "b", "c", "d"]


@pytest.mark.proves("s3 delete markers")
def test_a_delete_marker_is_named_and_not_read(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    marker = s3.delete_object(Bucket=bucket, Key="a")["VersionId"]

    with pytest.raises(ClientError, match="NoSuchKey") as caught:
        s3.get_object(Bucket=bucket, Key="a")
    assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    assert refused(s3.get_object, Bucket=bucket, Key="a", VersionId=marker) == "MethodNotAllowed"
    assert s3.delete_object(Bucket=bucket, Key="a", VersionId=marker)["DeleteMarker"] is True
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"a"


@pytest.mark.proves("s3 form policies")
@pytest.mark.parametrize(
    ("key", "content", "status"),
    [("up/a", b"1234", 204), ("up/a", b"123456", 400), ("other/a", b"1", 403)],
)
def test_a_form_fulfils_its_policy(cloud: Any, s3: Any, bucket: str, key: str, content: bytes, status: int) -> None:
    conditions = [["content-length-range", 1, 5], ["starts-with", "$key", "up/"]]
    given = s3.generate_presigned_post(bucket, "up/${filename}", Conditions=conditions)
    fields = {**given["fields"], "key": key}
    form = "".join(
        f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    file = '--X\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    body = form.encode() + file.encode() + content + b"\r\n--X--\r\n"
    asked = urllib.request.Request(given["url"], body, {"Content-Type": "multipart/form-data; boundary=X"})
    try:
        with urllib.request.urlopen(asked) as answer:
            found = answer.status
    except urllib.error.HTTPError as error:
        with error:
            found = error.status
    assert found == status
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == (status == 204)


@pytest.mark.proves("s3 form policies")
def test_a_form_is_signed_and_answered(s3: Any, bucket: str) -> None:
    conditions = [{"success_action_status": "201"}]
    given = s3.generate_presigned_post(bucket, "a", Fields={"success_action_status": "201"}, Conditions=conditions)
    signature = next(name for name in given["fields"] if name.lower().endswith("signature"))

    def post(**changes: str) -> httpx.Response:
        return httpx.post(given["url"], data={**given["fields"], **changes}, files={"file": b"content"})

    assert "SignatureDoesNotMatch" in post(**{signature: "0" * 64}).text
    assert "Extra input fields: x-amz-meta-a" in post(**{"x-amz-meta-a": "b"}).text
    assert httpx.post(given["url"], data={"key": "a"}, files={"file": b"content"}).status_code == 403
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    accepted = post()
    assert (accepted.status_code, "<Key>a</Key>" in accepted.text) == (201, True)
    assert s3.head_object(Bucket=bucket, Key="a")["ETag"] == accepted.headers["etag"]


@pytest.mark.proves("s3 signatures")
def test_a_signature_is_verified(cloud: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    stranger = boto3.client(
        "s3", "us-east-1", endpoint_url=cloud.endpoint, aws_access_key_id="any", aws_secret_access_key="other"
    )

    assert refused(stranger.get_object, Bucket=bucket, Key="a") == "SignatureDoesNotMatch"
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    assert answered(url).content == b"a"
    for answer in (answered(url.replace("/a?", "/b?")), answered(url, "PUT")):
        assert (answer.status_code, "<Code>SignatureDoesNotMatch</Code>" in answer.text) == (403, True)
        assert answer.headers["x-amz-request-id"] in answer.text
    anonymous = answered(f"{cloud.endpoint}/{bucket}/a")
    assert (anonymous.status_code, "<Code>AccessDenied</Code>" in anonymous.text) == (403, True)


@pytest.mark.proves("s3 signatures")
def test_a_request_is_signed_by_a_clock_that_is_ahead(start: Any) -> None:
    running = start(None)
    s3 = running.client("s3")
    s3.create_bucket(Bucket="clocks")
    s3.put_object(Bucket="clocks", Key="a", Body=b"a")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "clocks", "Key": "a"})
    now = running.tick("2d").timestamp()

    assert answered(url).content == b"a"
    assert s3.get_object(Bucket="clocks", Key="a")["Body"].read() == b"a"
    with time_machine.travel(now):
        assert s3.get_object(Bucket="clocks", Key="a")["Body"].read() == b"a"
    with time_machine.travel(now + 3600):
        assert refused(s3.get_object, Bucket="clocks", Key="a") == "RequestTimeTooSkewed"


@pytest.mark.proves("s3 cors")
def test_a_bucket_answers_cross_origin_requests_by_its_rules(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    asked = {"Origin": "https://www.example.com", "Access_Control_Request_Method": "GET"}

    refusal = answered(url, "OPTIONS", **asked)
    assert (refusal.status_code, "CORS is not enabled" in refusal.text) == (403, True)
    rule = {"AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    granted = answered(url, "OPTIONS", **asked)
    assert (granted.status_code, granted.headers["access-control-max-age"]) == (200, "60")
    assert answered(url, "OPTIONS", **asked | {"Access_Control_Request_Method": "PUT"}).status_code == 403
    assert answered(url, Origin=asked["Origin"]).headers["access-control-allow-origin"] == asked["Origin"]
    for answer in (answered(url, Origin="https://example.org"), answered(url)):
        assert "access-control-allow-origin" not in answer.headers
    rule["AllowedOrigins"] = ["https://*.*"]
    assert refused(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": [rule]}) == "InvalidRequest"


def notified(*filters: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "QueueConfigurations": [
            {
                "QueueArn": "arn:aws:sqs:us-east-1:123456789012:queue",
                "Events": [event],
                "Filter": {"Key": {"FilterRules": [{"Name": kind, "Value": value}]}},
            }
            for event, kind, value in filters
        ]
    }


@pytest.mark.proves("s3 settings")
def test_settings_that_s3_refuses_are_refused(s3: Any, bucket: str) -> None:
    put = s3.put_bucket_notification_configuration
    overlap = notified(("s3:ObjectCreated:*", "prefix", "a"), ("s3:ObjectCreated:Put", "prefix", "a/b"))
    assert refused(put, Bucket=bucket, NotificationConfiguration=overlap) == "InvalidArgument"
    unsent = notified(("s3:ObjectTagging:*", "prefix", "a"))
    assert refused(put, Bucket=bucket, NotificationConfiguration=unsent) == "UnsupportedByLocalAws"
    put(
        Bucket=bucket,
        NotificationConfiguration=notified(
            ("s3:ObjectCreated:*", "prefix", "a"), ("s3:ObjectRemoved:*", "prefix", "a")
        ),
    )
    for event, name in (("s3:Other:*", "prefix"), ("s3:ObjectCreated:*", "other")):
        wrong = notified((event, name, "a"))
        assert refused(put, Bucket=bucket, NotificationConfiguration=wrong) == "InvalidArgument"
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy="{}") == "MalformedPolicy"
    rules = [{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
    lifecycle = s3.put_bucket_lifecycle_configuration
    assert refused(lifecycle, Bucket=bucket, LifecycleConfiguration={"Rules": rules * 2}) == "InvalidArgument"
    rules[0]["Expiration"] = {"Days": 0}
    assert refused(lifecycle, Bucket=bucket, LifecycleConfiguration={"Rules": rules}) == "InvalidArgument"
    s3.put_object(Bucket=bucket, Key="a")
    tags = {"TagSet": [{"Key": "a", "Value": value} for value in "xy"]}
    assert refused(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging=tags) == "InvalidTag"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    suspended = {"VersioningConfiguration": {"Status": "Suspended"}}
    assert refused(s3.put_bucket_versioning, Bucket=bucket, **suspended) == "UnsupportedByLocalAws"


@pytest.mark.proves("s3 settings")
def test_the_rules_of_filters_are_named_in_any_case(cloud: Any, s3: Any, bucket: str) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=f"filtered-{uuid.uuid4().hex[:12]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    wanted = notified(("s3:ObjectCreated:*", "Prefix", "in/"))
    wanted["QueueConfigurations"][0]["QueueArn"] = arn
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
    for name in ("out/a", "in/a"):
        s3.put_object(Bucket=bucket, Key=name)

    sent = cloud.drain(url, lambda bodies: any("Records" in body for body in bodies))
    assert [body["Records"][0]["s3"]["object"]["key"] for body in sent if "Records" in body] == ["in/a"]
    (found,) = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert found["Filter"]["Key"]["FilterRules"] == [{"Name": "Prefix", "Value": "in/"}]
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.proves("s3 refused by name")
def test_what_local_aws_lacks_is_refused_by_name(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")

    assert refused(s3.put_object, Bucket=bucket, Key="a", Body=b"b", WriteOffsetBytes=1) == "NotImplemented"
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    assert refused(s3.put_object, Bucket=bucket, Key="a", **key) == "NotImplemented"
    delete = {"Objects": [{"Key": "a", "ETag": '"other"'}]}
    assert refused(s3.delete_objects, Bucket=bucket, Delete=delete) == "UnsupportedByLocalAws"
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"a"
    assert s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True}).get("Deleted") is None


def checksum_of(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name.startswith("Checksum")}


@pytest.mark.proves("s3 checksums")
def test_every_object_has_a_checksum(s3: Any, bucket: str, cloud: Any) -> None:
    # The check value of the algorithm's definition.
    default = {"ChecksumCRC64NVME": "rosUhgp5mIg=", "ChecksumType": "FULL_OBJECT"}
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a"})
    assert httpx.put(url, content=b"123456789").headers["x-amz-checksum-crc64nvme"] == "rosUhgp5mIg="

    read = {"Bucket": bucket, "Key": "a"}
    assert checksum_of(s3.get_object(**read, ChecksumMode="ENABLED")) == default
    assert checksum_of(s3.head_object(**read, ChecksumMode="ENABLED")) == default
    assert checksum_of(s3.head_object(**read)) == {}
    attributes = s3.get_object_attributes(**read, ObjectAttributes=["Checksum"])
    assert attributes["Checksum"] == default
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert checksum_of(listed) == {"ChecksumAlgorithm": ["CRC64NVME"], "ChecksumType": "FULL_OBJECT"}
    put = s3.put_object(Bucket=bucket, Key="b", Body=b"123456789", ChecksumAlgorithm="SHA256")
    copied = s3.copy_object(Bucket=bucket, Key="c", CopySource={"Bucket": bucket, "Key": "b"})
    assert copied["CopyObjectResult"]["ChecksumSHA256"] == put["ChecksumSHA256"]


@pytest.mark.proves("s3 checksums")
@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
def test_an_object_of_parts_has_the_checksum_that_was_asked_for(s3: Any, bucket: str, kind: str) -> None:
    given = {"Bucket": bucket, "Key": "a"}
    upload = s3.create_multipart_upload(**given, ChecksumAlgorithm="CRC32", ChecksumType=kind)
    given["UploadId"] = upload["UploadId"]
    assert (upload["ChecksumAlgorithm"], upload["ChecksumType"]) == ("CRC32", kind)
    sent = [
        s3.upload_part(**given, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        for number, body in ((1, PART), (2, b"y"))
    ]
    listed = s3.list_parts(**given)["Parts"]
    assert [part["ChecksumCRC32"] for part in listed] == [part["ChecksumCRC32"] for part in sent]
    parts = {"Parts": [{name: part[name] for name in ("PartNumber", "ETag", "ChecksumCRC32")} for part in listed]}

    wrong = {"MultipartUpload": parts, "ChecksumCRC32": "AAAAAA=="}
    assert refused(s3.complete_multipart_upload, **given, **wrong) == "BadDigest"
    completed = s3.complete_multipart_upload(**given, MultipartUpload=parts)
    content = PART + b"y"
    if kind == "COMPOSITE":
        content = b"".join(base64.b64decode(part["ChecksumCRC32"]) for part in sent)
    expected = base64.b64encode(zlib.crc32(content).to_bytes(4)).decode() + ("-2" if kind == "COMPOSITE" else "")
    assert (completed["ChecksumCRC32"], completed["ChecksumType"]) == (expected, kind)
    assert s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")["ChecksumCRC32"] == expected


@pytest.mark.proves("s3 checksums")
def test_a_checksum_that_cannot_be_is_refused(s3: Any, bucket: str) -> None:
    full = {"ChecksumAlgorithm": "SHA256", "ChecksumType": "FULL_OBJECT"}
    assert refused(s3.create_multipart_upload, Bucket=bucket, Key="a", **full) == "InvalidRequest"
    assert refused(s3.put_object, Bucket=bucket, Key="a", Body=b"a", ChecksumCRC32="?") == "InvalidRequest"
    assert refused(s3.put_object, Bucket=bucket, Key="a", Body=b"a", ContentMD5="?") == "InvalidDigest"


@pytest.mark.proves("s3 defaults")
def test_a_new_bucket_is_private_and_encrypted(s3: Any, bucket: str) -> None:
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert controls == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    for acl in ({"ACL": "public-read"}, {"GrantRead": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'}):
        assert refused(s3.put_object, Bucket=bucket, Key="a", **acl) == "AccessControlListNotSupported"
    s3.put_object(Bucket=bucket, Key="a", ACL="bucket-owner-full-control")
    writers = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=writers)
    assert refused(s3.put_object, Bucket=bucket, Key="a", ACL="public-read") == "AccessDenied"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy=policy) == "AccessDenied"
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    encrypted = s3.put_object(Bucket=bucket, Key="a", ServerSideEncryption="aws:kms")
    assert ":key/" in encrypted["SSEKMSKeyId"]


@pytest.mark.proves("s3 lifecycle headers")
def test_answers_say_when_a_rule_ends_an_object(s3: Any, bucket: str) -> None:
    rules = [
        {"ID": "a b", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}},
        {"ID": "tagged", "Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Date": "2099-01-01"}},
        {"ID": "parts", "Filter": {"Prefix": "up/"}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    ]
    enabled = {"Rules": [{**rule, "Status": "Enabled"} for rule in rules]}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=enabled)

    s3.put_object(Bucket=bucket, Key="tmp/a")
    head = s3.head_object(Bucket=bucket, Key="tmp/a")
    # The midnight after three days.
    last = head["LastModified"].astimezone(UTC) + timedelta(days=3)
    midnight = (last + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    assert head["Expiration"] == f'expiry-date="{format_datetime(midnight, usegmt=True)}", rule-id="a%20b"'
    tagged = s3.put_object(Bucket=bucket, Key="b", Tagging="k=v")["Expiration"]
    assert tagged == 'expiry-date="Thu, 01 Jan 2099 00:00:00 GMT", rule-id="tagged"'
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="c", Tagging="k=other")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="up/a")
    assert upload["AbortRuleId"] == "parts"
    s3.abort_multipart_upload(Bucket=bucket, Key="up/a", UploadId=upload["UploadId"])


@pytest.mark.proves("s3 lifecycle headers")
def test_a_rule_applies_to_objects_of_its_sizes(s3: Any, bucket: str) -> None:
    both = {"And": {"Prefix": "", "ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 4}}
    rule = {"ID": "a", "Status": "Enabled", "Filter": both, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})

    ended = [size for size in range(6) if "Expiration" in s3.put_object(Bucket=bucket, Key="a", Body=b"x" * size)]
    assert ended == [2, 3]
    (found,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert found["Filter"]["And"]["ObjectSizeLessThan"] == 4


@pytest.mark.proves("s3 settings")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Status": "On"}, "MalformedXML"),
        ({"Expiration": None}, "InvalidRequest"),
        ({"ID": "a" * 256}, "InvalidArgument"),
        ({"Expiration": {"Date": "2099-01-01T05:00:00Z"}}, "InvalidArgument"),
        ({"Transitions": [{"Days": 5, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument"),
    ],
)
def test_a_rule_that_s3_refuses_is_refused(s3: Any, bucket: str, changes: dict[str, Any], code: str) -> None:
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}, **changes}
    rules = [{name: value for name, value in rule.items() if value is not None}]
    lifecycle = s3.put_bucket_lifecycle_configuration
    assert refused(lifecycle, Bucket=bucket, LifecycleConfiguration={"Rules": rules}) == code


@pytest.mark.proves("s3 listings")
def test_listings_answer_what_was_asked(s3: Any, bucket: str) -> None:
    for name in ("a", "b/1", "b/2", "c d"):
        s3.put_object(Bucket=bucket, Key=name)
    listing = s3.list_objects_v2

    within = listing(Bucket=bucket, Delimiter="/", StartAfter="b/1")
    assert [each["Prefix"] for each in within["CommonPrefixes"]] == ["b/"]
    first = listing(Bucket=bucket, Delimiter="/", MaxKeys=2)
    token = first["NextContinuationToken"]
    second = listing(Bucket=bucket, Delimiter="/", ContinuationToken=token)
    assert ([each["Key"] for each in second["Contents"]], second["ContinuationToken"]) == (["c d"], token)
    assert refused(listing, Bucket=bucket, ContinuationToken="other") == "InvalidArgument"
    assert refused(listing, Bucket=bucket, EncodingType="other") == "InvalidArgument"
    assert refused(listing, Bucket=bucket, MaxKeys=-1) == "InvalidArgument"
    assert s3.list_objects(Bucket=bucket, Marker="b/1")["Marker"] == "b/1"
    url = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": bucket, "EncodingType": "url"})
    assert "<Key>c+d</Key>" in answered(url).text
    page = s3.list_buckets(MaxBuckets=1, Prefix="checked-")
    assert (len(page["Buckets"]), page["Buckets"][0]["BucketRegion"]) == (1, "us-east-1")


@pytest.mark.proves("s3 listings")
def test_uploads_are_listed_with_their_class_and_by_prefix(s3: Any, bucket: str) -> None:
    made = [
        s3.create_multipart_upload(Bucket=bucket, Key=name, StorageClass="STANDARD_IA")["UploadId"]
        for name in ("a/1", "a/2", "b")
    ]
    listed = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2)
    assert [each["StorageClass"] for each in listed["Uploads"]] == ["STANDARD_IA", "STANDARD_IA"]
    marker = {"KeyMarker": listed["NextKeyMarker"], "UploadIdMarker": listed["NextUploadIdMarker"]}
    assert [each["Key"] for each in s3.list_multipart_uploads(Bucket=bucket, **marker)["Uploads"]] == ["b"]
    folders = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [each["Prefix"] for each in folders["CommonPrefixes"]] == ["a/"]
    assert [each["Key"] for each in folders["Uploads"]] == ["b"]
    for name, upload in zip(("a/1", "a/2", "b"), made, strict=True):
        s3.abort_multipart_upload(Bucket=bucket, Key=name, UploadId=upload)


@pytest.mark.proves("s3 delete markers")
def test_versions_are_named(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"null")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    assert s3.get_object(Bucket=bucket, Key="a")["VersionId"] == "null"
    copied = s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a", "VersionId": "null"})
    assert copied["CopySourceVersionId"] == "null"
    assert refused(s3.get_object, Bucket=bucket, Key="a", VersionId="other") == "InvalidArgument"
    marker = s3.delete_object(Bucket=bucket, Key="never")
    assert marker["DeleteMarker"] is True
    removed = {"Objects": [{"Key": "never", "VersionId": marker["VersionId"]}]}
    deleted = s3.delete_objects(Bucket=bucket, Delete=removed)["Deleted"][0]
    assert (deleted["DeleteMarker"], deleted["DeleteMarkerVersionId"]) == (True, marker["VersionId"])


@pytest.mark.proves("s3 conditions")
def test_what_a_request_says_of_its_bucket_and_object_holds(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"0123456789")
    s3.put_object(Bucket=bucket, Key="empty")
    named = {"Bucket": bucket, "Key": "a"}

    assert refused(s3.get_object, **named, ExpectedBucketOwner="999999999999") == "AccessDenied"
    assert refused(s3.get_object, Bucket=bucket, Key="empty", Range="bytes=-5") == "InvalidRange"
    with pytest.raises(ClientError, match="InvalidRange") as caught:
        s3.get_object(**named, Range="bytes=10-")
    assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["content-range"] == "bytes */10"
    copy = {"Bucket": bucket, "Key": "b", "CopySource": {"Bucket": bucket, "Key": "a"}}
    assert refused(s3.copy_object, **copy, MetadataDirective="OTHER") == "InvalidArgument"
    assert refused(s3.copy_object, **{**copy, "CopySource": "a"}) == "InvalidArgument"
    given = {"Bucket": bucket, "Key": "b", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="b")["UploadId"]}
    part = {**given, "PartNumber": 1, "CopySource": {"Bucket": bucket, "Key": "a"}}
    for wrong in ("bytes=5-10", "bytes=5-"):
        assert refused(s3.upload_part_copy, **part, CopySourceRange=wrong) == "InvalidArgument"
    s3.abort_multipart_upload(**given)
    assert refused(s3.put_object, **named, Tagging="k=1&k=2") == "InvalidArgument"
    assert refused(s3.put_object, **named, ServerSideEncryption="other") == "InvalidArgument"


@pytest.mark.proves("s3 settings")
def test_a_lock_is_not_shortened(s3: Any) -> None:
    name = f"locked-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    named = {"Bucket": name, "Key": "a"}
    until = datetime.now(UTC) + timedelta(days=2)
    version = s3.put_object(**named, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)["VersionId"]
    sooner = {"Mode": "GOVERNANCE", "RetainUntilDate": until - timedelta(days=1)}
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    assert refused(s3.put_object, **named, ObjectLockMode="GOVERNANCE") == "InvalidArgument"
    past = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": datetime.now(UTC) - timedelta(days=1)}
    assert refused(s3.put_object, **named, **past) == "InvalidArgument"

    assert refused(s3.put_object_retention, **named, Retention=sooner) == "AccessDenied"
    s3.put_object_retention(**named, Retention={**sooner, "RetainUntilDate": until + timedelta(days=1)})
    s3.put_object_retention(**named, Retention=sooner, BypassGovernanceRetention=True)
    suspended = {"VersioningConfiguration": {"Status": "Suspended"}}
    assert refused(s3.put_bucket_versioning, Bucket=name, **suspended) == "InvalidBucketState"
    s3.delete_object(**named, VersionId=version, BypassGovernanceRetention=True)
    s3.delete_bucket(Bucket=name)
