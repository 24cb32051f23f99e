"""Probes of Firehose."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import Differs, expect, probe

_GUIDE = "firehose/latest/dev"


def _stream(cloud: Cloud, **options: Any) -> tuple[str, str]:
    """A new stream that delivers at once, and its bucket."""
    name, bucket = cloud.name("stream"), cloud.bucket()
    configuration = {
        "RoleARN": cloud.role,
        "BucketARN": f"arn:aws:s3:::{bucket}",
        "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
        **options,
    }
    firehose = cloud("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName=name,
        DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration=configuration,
    )

    def is_active() -> bool:
        found = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
        return bool(found["DeliveryStreamStatus"] == "ACTIVE")

    until(is_active)
    return name, bucket


def _delivered(cloud: Cloud, bucket: str, count: int = 1) -> dict[str, bytes]:
    """The objects of a bucket, key → content, once there are so many."""

    def keys() -> list[str]:
        listed = cloud("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
        return [item["Key"] for item in listed] if len(listed) >= count else []

    found = until(keys, 20)
    if not found:
        raise Differs("nothing was delivered within 20 s")
    return {key: cloud("s3").get_object(Bucket=bucket, Key=key)["Body"].read() for key in found}


@probe(f"{_GUIDE}/s3-prefixes.html")
def prefix(cloud: Cloud) -> None:
    """An object's key has the prefix with its time, then the stream's name, version and time"""
    name, bucket = _stream(
        cloud, Prefix="data/year=!{timestamp:yyyy}/", ErrorOutputPrefix="bad/!{firehose:error-output-type}/"
    )
    cloud("firehose").put_record(DeliveryStreamName=name, Record={"Data": b"one"})
    found = _delivered(cloud, bucket)
    form = rf"data/year=20\d\d/{re.escape(name)}-1-20\d\d-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f-]+"
    [key] = found
    expect(bool(re.fullmatch(form, key)), True, key)
    expect(found[key], b"one")


@probe(f"{_GUIDE}/s3-object-name.html")
def compression(cloud: Cloud) -> None:
    """With GZIP an object is gzipped, and its key ends in .gz"""
    name, bucket = _stream(cloud, CompressionFormat="GZIP")
    cloud("firehose").put_record(DeliveryStreamName=name, Record={"Data": b"one"})
    [(key, content)] = _delivered(cloud, bucket).items()
    expect(key.endswith(".gz"), True, key)
    expect(content[:2] == b"\x1f\x8b" and gzip.decompress(content) == b"one", True, "gzipped")


def _processing(*processors: dict[str, Any]) -> dict[str, Any]:
    return {"Enabled": True, "Processors": list(processors)}


@probe(f"{_GUIDE}/basic-deliver.html")
def buffered(cloud: Cloud) -> None:
    """Records of an interval are one object, in their order"""
    name, bucket = _stream(cloud, BufferingHints={"IntervalInSeconds": 2, "SizeInMBs": 1})
    records = [{"Data": text} for text in (b"1\n", b"2\n", b"3\n")]
    answer = cloud("firehose").put_record_batch(DeliveryStreamName=name, Records=records)
    expect(answer["FailedPutCount"], 0)
    expect(list(_delivered(cloud, bucket).values()), [b"1\n2\n3\n"])


_TRANSFORM = (
    "import base64\ndef handler(event, context):\n    answer = []\n    for record in event['records']:\n"
    "        text = base64.b64decode(record['data']).decode()\n"
    "        result = {'keep': 'Ok', 'drop': 'Dropped', 'fail': 'ProcessingFailed'}[text]\n"
    "        data = base64.b64encode(text.upper().encode()).decode()\n"
    "        answer.append({'recordId': record['recordId'], 'result': result, 'data': data})\n"
    "    return {'records': answer}\n"
)


@probe(f"{_GUIDE}/data-transformation.html")
def transformation(cloud: Cloud) -> None:
    """A function's Ok records are delivered as it made them, its Dropped ones not, its failed ones with the error"""
    function = cloud.arn(cloud.function(_TRANSFORM, Timeout=20))
    parameters = [{"ParameterName": "LambdaArn", "ParameterValue": function}]
    processing = _processing({"Type": "Lambda", "Parameters": parameters})
    name, bucket = _stream(
        cloud,
        ProcessingConfiguration=processing,
        Prefix="good/",
        ErrorOutputPrefix="bad/!{firehose:error-output-type}/",
    )
    records = [{"Data": text.encode()} for text in ("keep", "drop", "fail")]
    cloud("firehose").put_record_batch(DeliveryStreamName=name, Records=records)
    found = _delivered(cloud, bucket, 2)
    good = [content for key, content in found.items() if key.startswith("good/")]
    bad = [json.loads(content) for key, content in found.items() if key.startswith("bad/processing-failed/")]
    expect((good, len(bad)), ([b"KEEP"], 1))
    expect(bad[0]["attemptsMade"] >= 1 and "rawData" in bad[0], True, str(bad[0])[:200])


@probe("firehose/latest/APIReference/API_PutRecord.html")
def no_stream(cloud: Cloud) -> None:
    """A record to a stream that doesn't exist is refused with ResourceNotFoundException"""
    put = cloud("firehose").put_record
    refused("ResourceNotFoundException", put, DeliveryStreamName=cloud.name(), Record={"Data": b"x"})


@probe("firehose/latest/APIReference/API_PutRecord.html")
def large_record(cloud: Cloud) -> None:
    """A record over 1,000 KiB is refused"""
    name, _ = _stream(cloud)
    codes = "InvalidArgumentException|ValidationException|SerializationException"
    refused(codes, cloud("firehose").put_record, DeliveryStreamName=name, Record={"Data": b"x" * 1_025_000})
