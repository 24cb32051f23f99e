"""No key of those who asked is in anything that a running loop has written."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3

from localaws_testing.waiting import wait_until
from mlops.authorization.keys import new_key
from tests.e2e.conftest import Loop

GZIP = b"\x1f\x8b"


def log_lines() -> Iterator[str]:
    client = boto3.client("logs")
    for group in client.describe_log_groups()["logGroups"]:
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            yield from (event["message"] for event in page["events"])


def objects() -> Iterator[str]:
    """The content of each object: datasets, versions, cards, reports, records and feedback."""
    client = boto3.client("s3")
    for bucket in client.list_buckets()["Buckets"]:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for item in page.get("Contents", []):
                content = client.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
                yield item["Key"] + (gzip.decompress(content) if content[:2] == GZIP else content).decode("latin-1")


def metrics() -> Iterator[str]:
    pages = boto3.client("cloudwatch").get_paginator("list_metrics").paginate()
    yield from (json.dumps(each) for page in pages for each in page["Metrics"])


def variables() -> Iterator[str]:
    pages = boto3.client("lambda").get_paginator("list_functions").paginate()
    yield from (json.dumps(each["Environment"]) for page in pages for each in page["Functions"])


def items() -> Iterator[str]:
    client: Any = boto3.client("dynamodb")
    for table in client.list_tables()["TableNames"]:
        for page in client.get_paginator("scan").paginate(TableName=table):
            yield from map(str, page["Items"])


def test_no_key_is_in_any_log_object_metric_variable_or_table(loop: Loop, row: dict[str, Any]) -> None:
    unknown = new_key()
    answers = [loop.api.post("/predict", params={"explain": "true"}, json={"rows": [row]})]
    prediction = answers[0].json()["predictions"][0]["prediction_id"]
    truth = {"prediction_id": prediction, "truth": "benign", "at": datetime.now(UTC).isoformat()}
    answers += [
        loop.api.post("/models/diagnosis/feedback", json={"truths": [truth]}),
        loop.api.post("/predict", json={"rows": [{**row, "mean radius": "far"}]}),
        loop.api.post("/predict", content=b"{"),
        loop.api.get("/openapi.json"),
        loop.api.get("/docs"),
        loop.api.get("/nowhere"),
        loop.api.get("/docs", headers={"authorization": f"Bearer {unknown}"}),
        loop.api.get("/models", headers={"authorization": f"Bearer {unknown}"}),
    ]
    assert [each.status_code for each in answers] == [200, 202, 422, 415, 200, 200, 404, 401, 403]
    assert wait_until(lambda: prediction in "\n".join(log_lines()), 30)
    written = {
        "answers": "".join(each.text + str(each.headers) for each in answers),
        "what the start printed": loop.started.output,
        "logs": "\n".join(log_lines()),
        "objects": "\n".join(objects()),
        "metrics": "\n".join(metrics()),
        "variables": "\n".join(variables()),
        "tables": "\n".join(items()),
    }
    assert "model.onnx" in written["objects"]
    assert "Predictions" in written["metrics"]
    assert "KEYS_TABLE" in written["variables"]
    assert "scripts/start" in written["tables"]
    for key in (loop.started.key, unknown):
        assert [place for place, text in written.items() if key[6:30] in text] == []
