"""Distributed Map: items of S3, batches, results, failures and redrive."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any

import pytest

PASS = {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}}


def distributed(kind: str = "STANDARD", processor: dict[str, Any] = PASS, **fields: Any) -> dict[str, Any]:
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}}
    return {"Type": "Map", "ItemProcessor": {**config, **processor}, **fields}


def reader(bucket: str, key: str, **config: Any) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "Parameters": {"Bucket": bucket, "Key": key},
        "ReaderConfig": config,
    }


def put(cloud: Any, bucket: str, key: str, body: str | bytes) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


@pytest.mark.proves("distributed children")
@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_each_item_is_a_child_execution(machines: Any, kind: str) -> None:
    state = distributed(
        kind, Label="each", ItemsPath="$.items", ItemSelector={"v.$": "$$.Map.Item.Value", "x.$": "$.x"}
    )
    execution = machines.start(machines.state(state), {"items": [1, 2], "x": "y"})
    assert json.loads(machines.wait(execution)["output"]) == [{"v": 1, "x": "y"}, {"v": 2, "x": "y"}]
    assert machines.types(execution) == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    (run,) = machines.client.list_map_runs(executionArn=execution)["mapRuns"]
    assert ":mapRun:" in run["mapRunArn"]
    assert "/each:" in run["mapRunArn"]
    described = machines.client.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["itemCounts"]["succeeded"]) == ("SUCCEEDED", 2)
    children = machines.client.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert [each["status"] for each in children] == ["SUCCEEDED"] * 2
    if kind == "STANDARD":
        assert machines.types(children[0]["executionArn"])[0] == "ExecutionStarted"


@pytest.mark.proves("distributed csv")
def test_the_rows_of_a_csv_file_are_items(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    put(cloud, stack["Bucket"], "a.csv", 'id,name\r\n1,"Smith, J"\r\n2,\r\n')
    state = distributed(ItemReader=reader(stack["Bucket"], "a.csv", InputType="CSV", CSVHeaderLocation="FIRST_ROW"))
    assert machines.output(machines.state(state)) == [{"id": "1", "name": "Smith, J"}, {"id": "2", "name": ""}]
    put(cloud, stack["Bucket"], "b.csv", "1|a\n2|b\n3|c\n")
    config = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["n", "v"], "CSVDelimiter": "PIPE"}
    state = distributed(ItemReader=reader(stack["Bucket"], "b.csv", **config, MaxItems=2))
    assert machines.output(machines.state(state)) == [{"n": "1", "v": "a"}, {"n": "2", "v": "b"}]


@pytest.mark.proves("distributed json")
def test_arrays_and_lines_of_json_are_items(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    put(cloud, stack["Bucket"], "a.json", '{"deep": {"items": [1, {"a": 2}]}}')
    state = distributed(ItemReader=reader(stack["Bucket"], "a.json", InputType="JSON", ItemsPointer="/deep/items"))
    assert machines.output(machines.state(state)) == [1, {"a": 2}]
    put(cloud, stack["Bucket"], "a.jsonl", '{"a": 1}\n\n{"a": 2}\n')
    state = distributed(ItemReader=reader(stack["Bucket"], "a.jsonl", InputType="JSONL"))
    assert machines.output(machines.state(state)) == [{"a": 1}, {"a": 2}]


@pytest.mark.proves("distributed listings")
def test_the_objects_below_a_prefix_are_items(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    for index in range(3):
        put(cloud, stack["Bucket"], f"listed/{index}.txt", b"x" * index)
    listing = {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Parameters": {"Bucket": stack["Bucket"], "Prefix.$": "$.prefix"},
    }
    output = machines.output(machines.state(distributed(ItemReader=listing)), {"prefix": "listed/"})
    assert [(item["Key"], item["Size"]) for item in output] == [(f"listed/{index}.txt", index) for index in range(3)]


@pytest.mark.proves("distributed inventories")
def test_the_rows_of_an_inventory_are_items(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["b", "k1", "5"], ["b", "k2", "6"]])
    put(cloud, stack["Bucket"], "inventory/data.csv.gz", gzip.compress(text.getvalue().encode()))
    manifest = {
        "destinationBucket": f"arn:aws:s3:::{stack['Bucket']}",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "inventory/data.csv.gz"}],
    }
    put(cloud, stack["Bucket"], "inventory/manifest.json", json.dumps(manifest))
    state = distributed(ItemReader=reader(stack["Bucket"], "inventory/manifest.json", InputType="MANIFEST"))
    assert [item["Key"] for item in machines.output(machines.state(state))] == ["k1", "k2"]


@pytest.mark.proves("distributed reader failures")
@pytest.mark.parametrize(("key", "body"), [("none.json", None), ("bad.json", "{"), ("object.json", '{"a": 1}')])
def test_items_that_cannot_be_read_fail_the_state(
    machines: Any, cloud: Any, stack: dict[str, str], key: str, body: str | None
) -> None:
    if body:
        put(cloud, stack["Bucket"], key, body)
    ended = machines.run(machines.state(distributed(ItemReader=reader(stack["Bucket"], key, InputType="JSON"))))
    assert ended["error"] == "States.ItemReaderFailed"


@pytest.mark.proves("distributed batches")
def test_children_get_batches(machines: Any) -> None:
    batcher = {"MaxItemsPerBatchPath": "$.size", "BatchInput": {"kept.$": "$.size"}}
    state = distributed(ItemsPath="$.items", ItemBatcher=batcher)
    assert machines.output(machines.state(state), {"items": [1, 2, 3], "size": 2}) == [
        {"BatchInput": {"kept": 2}, "Items": [1, 2]},
        {"BatchInput": {"kept": 2}, "Items": [3]},
    ]


def failing_items() -> dict[str, Any]:
    """A child that fails for negative numbers."""
    states = {
        "Check": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "Bad"}],
            "Default": "Good",
        },
        "Good": {"Type": "Succeed"},
        "Bad": {"Type": "Fail", "Error": "Negative"},
    }
    return {"StartAt": "Check", "States": states}


@pytest.mark.proves("distributed tolerated failures")
def test_a_failed_child_is_never_swallowed(machines: Any) -> None:
    ended = machines.run(machines.state(distributed(processor=failing_items())), [1, -1, 2])
    assert (ended["status"], ended["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    tolerant = distributed(processor=failing_items(), ToleratedFailurePercentage=34)
    assert machines.output(machines.state(tolerant), [1, -1, 2]) == [1, 2]
    assert machines.run(machines.state(tolerant), [1, -1, -2])["status"] == "FAILED"


@pytest.mark.proves("distributed results")
def test_results_are_written_by_status_with_a_manifest(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": stack["Bucket"], "Prefix": "results"},
    }
    state = distributed(processor=failing_items(), ToleratedFailureCount=1, ResultWriter=writer)
    output = machines.output(machines.state(state), [1, -1, 2])
    details = output["ResultWriterDetails"]
    identifier = output["MapRunArn"].rpartition(":")[2]
    assert details == {"Bucket": stack["Bucket"], "Key": f"results/{identifier}/manifest.json"}

    def read(key: str) -> Any:
        return json.loads(cloud.client("s3").get_object(Bucket=stack["Bucket"], Key=key)["Body"].read())

    manifest = read(details["Key"])
    assert (manifest["DestinationBucket"], manifest["MapRunArn"]) == (stack["Bucket"], output["MapRunArn"])
    files = manifest["ResultFiles"]
    assert files["PENDING"] == []
    good, bad = read(files["SUCCEEDED"][0]["Key"]), read(files["FAILED"][0]["Key"])
    assert [(each["Status"], each["Input"], each["Output"]) for each in good] == [
        ("SUCCEEDED", "1", "1"),
        ("SUCCEEDED", "2", "2"),
    ]
    assert [(each["Status"], each["Input"], each["Error"]) for each in bad] == [("FAILED", "-1", "Negative")]
    flat = {**writer, "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}}
    output = machines.output(machines.state(distributed(ResultWriter=flat)), [[1, 2], [3]])
    key = read(output["ResultWriterDetails"]["Key"])["ResultFiles"]["SUCCEEDED"][0]["Key"]
    body = cloud.client("s3").get_object(Bucket=stack["Bucket"], Key=key)["Body"].read().decode()
    assert (key.rpartition("/")[2], body) == ("SUCCEEDED_0.jsonl", "1\n2\n3\n")


@pytest.mark.proves("distributed redrive")
def test_a_redrive_runs_the_failed_children_alone(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    bucket = stack["Bucket"]
    read = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": bucket, "Key.$": "$.key"},
        "ResultSelector": {"body.$": "$.Body"},
        "End": True,
    }
    processor = {"StartAt": "Read", "States": {"Read": read}}
    put(cloud, bucket, "redrive/a", "first")
    states = {
        "Map": {**distributed(processor=processor, ItemsPath="$.items", MaxConcurrency=1), "Next": "Count"},
        "Count": {"Type": "Pass", "Parameters": {"n.$": "States.ArrayLength($)", "all.$": "$"}, "End": True},
    }
    items = [{"key": "redrive/a"}, {"key": "redrive/b"}]
    execution = machines.start(machines.create({"StartAt": "Map", "States": states}), {"items": items})
    assert machines.wait(execution)["error"] == "States.ExceedToleratedFailureThreshold"
    put(cloud, bucket, "redrive/a", "changed")
    put(cloud, bucket, "redrive/b", "second")
    machines.client.redrive_execution(executionArn=execution)
    ended = machines.wait(execution)
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"]) == {"n": 2, "all": [{"body": "first"}, {"body": "second"}]}
    assert ended["redriveCount"] == 1
    types = machines.types(execution)
    assert types.count("ExecutionRedriven") == types.count("MapRunRedriven") == 1
    (run,) = machines.client.list_map_runs(executionArn=execution)["mapRuns"]
    assert machines.client.describe_map_run(mapRunArn=run["mapRunArn"])["redriveCount"] == 1
    with pytest.raises(machines.client.exceptions.ExecutionNotRedrivable):
        machines.client.redrive_execution(executionArn=execution)


@pytest.mark.proves("executions redrive")
def test_a_redriven_execution_goes_on_where_it_failed(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    read = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": stack["Bucket"], "Key": "later"},
        "ResultSelector": {"body.$": "$.Body", "kept.$": "$kept"},
        "End": True,
    }
    first = {"Type": "Pass", "Assign": {"kept.$": "$$.State.EnteredTime"}, "Next": "Read"}
    execution = machines.start(machines.create({"StartAt": "First", "States": {"First": first, "Read": read}}))
    assert machines.wait(execution)["error"] == "S3.NoSuchKeyException"
    put(cloud, stack["Bucket"], "later", "here")
    machines.client.redrive_execution(executionArn=execution)
    assert json.loads(machines.wait(execution)["output"])["body"] == "here"
    assert machines.types(execution).count("PassStateEntered") == 1
    branch = {"StartAt": "F", "States": {"F": {"Type": "Fail"}}}
    failed = machines.start(machines.state({"Type": "Parallel", "Branches": [branch]}))
    machines.wait(failed)
    with pytest.raises(machines.client.exceptions.ExecutionNotRedrivable, match="Local AWS doesn't redrive"):
        machines.client.redrive_execution(executionArn=failed)


@pytest.mark.proves("distributed stop")
def test_stopping_the_execution_stops_its_children(machines: Any) -> None:
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    execution = machines.start(machines.state(distributed(processor=wait)), [1, 2])
    machines.reach(execution, "MapRunStarted")
    (run,) = machines.client.list_map_runs(executionArn=execution)["mapRuns"]
    machines.client.stop_execution(executionArn=execution)
    described = machines.client.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["executionCounts"]["aborted"]) == ("ABORTED", 2)
