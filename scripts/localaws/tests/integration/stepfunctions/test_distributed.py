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
@pytest.mark.parametrize(
    ("key", "body"), [("none.json", None), ("bad.json", "{"), ("number.json", "5"), ("nan.json", "[NaN]")]
)
def test_items_that_cannot_be_read_fail_the_state(
    machines: Any, cloud: Any, stack: dict[str, str], key: str, body: str | None
) -> None:
    if body:
        put(cloud, stack["Bucket"], key, body)
    state = distributed(ItemReader=reader(stack["Bucket"], key, InputType="JSON"))
    execution = machines.start(machines.state(state))
    assert machines.wait(execution)["error"] == "States.ItemReaderFailed"
    assert machines.types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


@pytest.mark.proves("distributed reader failures")
@pytest.mark.parametrize("arguments", [{"Key": 5}, {}, {"Key": "a", "Unknown": 1}])
def test_wrong_arguments_of_the_reader_fail_the_state(
    machines: Any, stack: dict[str, str], arguments: dict[str, Any]
) -> None:
    given = {**reader(stack["Bucket"], "", InputType="JSON"), "Parameters": {"Bucket": stack["Bucket"], **arguments}}
    assert machines.run(machines.state(distributed(ItemReader=given)))["error"] == "States.ItemReaderFailed"


@pytest.mark.proves("distributed reader failures")
@pytest.mark.parametrize(
    "content", [b"[1]", gzip.compress(b"b,k,5\n" * 1000)[:30], b"not gzip"], ids=["JSON", "cut gzip", "no gzip"]
)
def test_a_broken_inventory_fails_the_state(machines: Any, cloud: Any, stack: dict[str, str], content: bytes) -> None:
    put(cloud, stack["Bucket"], "broken/data.csv.gz", content)
    manifest = {
        "destinationBucket": f"arn:aws:s3:::{stack['Bucket']}",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "broken/data.csv.gz"}],
    }
    put(cloud, stack["Bucket"], "broken/manifest.json", "[1]" if content == b"[1]" else json.dumps(manifest))
    state = distributed(ItemReader=reader(stack["Bucket"], "broken/manifest.json", InputType="MANIFEST"))
    assert machines.run(machines.state(state))["error"] == "States.ItemReaderFailed"


@pytest.mark.proves("distributed reader failures")
def test_items_that_could_not_be_read_are_read_by_a_redrive(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    state = distributed(ItemReader=reader(stack["Bucket"], "written-later.json", InputType="JSON"))
    execution = machines.start(machines.state(state))
    assert machines.wait(execution)["error"] == "States.ItemReaderFailed"
    put(cloud, stack["Bucket"], "written-later.json", "[5]")
    machines.client.redrive_execution(executionArn=execution)
    assert json.loads(machines.wait(execution)["output"]) == [5]


@pytest.mark.proves("distributed csv")
def test_any_csv_file_is_read_or_refused(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    config = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    machine = machines.state(distributed(ItemReader=reader(stack["Bucket"], "any.csv", **config)))
    long = "x" * 140_000
    for body, expected in (
        (f"a\n{long}\n", [{"a": long}]),
        ("a\r1\r2\r", [{"a": "1"}, {"a": "2"}]),
        ("\ufeffa,b\n1\n1,2,3\n", [{"a": "1", "b": ""}, {"a": "1", "b": "2"}]),
        ("", []),
    ):
        put(cloud, stack["Bucket"], "any.csv", body.encode())
        assert machines.output(machine) == expected
    put(cloud, stack["Bucket"], "any.csv", b"a\n\xff\n")
    assert machines.run(machine)["error"] == "States.ItemReaderFailed"


@pytest.mark.proves("distributed json")
def test_the_pairs_of_an_object_are_items(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    put(cloud, stack["Bucket"], "pairs.json", '{"deep": {"k": 1, "l": [2]}}')
    state = distributed(ItemReader=reader(stack["Bucket"], "pairs.json", InputType="JSON", ItemsPointer="/deep"))
    assert machines.output(machines.state(state)) == [{"Key": "k", "Value": 1}, {"Key": "l", "Value": [2]}]


@pytest.mark.proves("distributed json")
def test_only_a_newline_ends_a_line_of_json(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    put(cloud, stack["Bucket"], "lines.jsonl", '{"a": "x\u2028y"}\r\n{"a": "z\x85"}\n')
    state = distributed(ItemReader=reader(stack["Bucket"], "lines.jsonl", InputType="JSONL"))
    assert machines.output(machines.state(state)) == [{"a": "x\u2028y"}, {"a": "z\x85"}]


@pytest.mark.proves("distributed sources")
def test_the_context_has_the_source_of_an_item(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    bucket = stack["Bucket"]
    put(cloud, bucket, "source/one.json", "[1]")
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": bucket, "Prefix": "source/"}}
    for more, source in (
        ({}, "STATE_DATA"),
        ({"ItemReader": reader(bucket, "source/one.json", InputType="JSON")}, f"S3://{bucket}/source/one.json"),
        ({"ItemReader": listing}, f"S3://{bucket}"),
    ):
        state = distributed(ItemSelector={"from.$": "$$.Map.Item.Source"}, **more)
        assert machines.output(machines.state(state), [1]) == [{"from": source}]


@pytest.mark.proves("distributed wrong numbers")
@pytest.mark.parametrize("expression", ["'2'", "-1", "1.5", "null", "true", "$states.input.none"])
@pytest.mark.parametrize("place", ["MaxItems", "MaxItemsPerBatch", "MaxInputBytesPerBatch"])
def test_a_number_of_the_wrong_type_fails_the_state(
    machines: Any, stack: dict[str, str], place: str, expression: str
) -> None:
    number = {place: f"{{% {expression} %}}"}
    arguments = {"Bucket": stack["Bucket"], "Prefix": "no/"}
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": arguments, "ReaderConfig": number}
    part = {"ItemReader": listing} if place == "MaxItems" else {"Items": [1], "ItemBatcher": number}
    ended = machines.run(machines.state(distributed(**part), QueryLanguage="JSONata"))
    assert ended["error"] == "States.QueryEvaluationError"


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


@pytest.mark.proves("distributed results")
def test_without_a_place_the_writer_formats_the_output(machines: Any) -> None:
    def output(transformation: str) -> Any:
        writer = {"WriterConfig": {"Transformation": transformation, "OutputType": "JSON"}}
        state = distributed(processor=failing_items(), ToleratedFailureCount=1, ResultWriter=writer)
        return machines.output(machines.state(state), [1, -1])

    described, failed = output("NONE")
    assert (described["Input"], described["Output"], described["Status"]) == ("1", "1", "SUCCEEDED")
    assert (failed["Input"], failed["Error"], failed["Status"]) == ("-1", "Negative", "FAILED")
    good, failed = output("FLATTEN")
    assert (good, failed["Error"]) == (1, "Negative")


@pytest.mark.proves("distributed writer failures")
@pytest.mark.parametrize(
    "place", [{"Bucket": "no-such-bucket-of-results"}, {"Bucket": 5}, {"Prefix": "no-bucket"}, {"Prefix": 5}]
)
def test_results_that_cannot_be_written_fail_the_run(
    machines: Any, stack: dict[str, str], place: dict[str, Any]
) -> None:
    given = {"Bucket": stack["Bucket"], **place} if place == {"Prefix": 5} else place
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": given}
    execution = machines.start(machines.state(distributed(ResultWriter=writer)), [1])
    assert machines.wait(execution)["error"] == "States.ResultWriterFailed"
    assert machines.types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    (run,) = machines.client.list_map_runs(executionArn=execution)["mapRuns"]
    assert machines.client.describe_map_run(mapRunArn=run["mapRunArn"])["status"] == "FAILED"


@pytest.mark.proves("distributed children")
def test_a_child_is_described_with_its_map_run(machines: Any) -> None:
    state = distributed(
        processor=failing_items(), ToleratedFailureCount=2, Label="pairs", ItemBatcher={"MaxItemsPerBatch": 2}
    )
    whole = distributed(processor=failing_items(), ToleratedFailureCount=1, Label="ones")
    execution = machines.start(machines.state(state), [1, 2, 3])
    machines.wait(execution)
    (run,) = machines.client.list_map_runs(executionArn=execution)["mapRuns"]
    children = machines.client.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert sorted(child["itemCount"] for child in children) == [1, 2]
    assert {child["mapRunArn"] for child in children} == {run["mapRunArn"]}
    assert machines.describe(children[0]["executionArn"])["mapRunArn"] == run["mapRunArn"]
    of_child = machines.client.describe_state_machine_for_execution(executionArn=children[0]["executionArn"])
    assert (of_child["mapRunArn"], of_child["label"]) == (run["mapRunArn"], "pairs")
    execution = machines.start(machines.state(whole), [-1])
    assert machines.wait(execution)["redriveStatus"] == "NOT_REDRIVABLE"
    (run,) = machines.client.list_map_runs(executionArn=execution)["mapRuns"]
    (failed,) = machines.client.list_executions(mapRunArn=run["mapRunArn"], statusFilter="FAILED")["executions"]
    assert machines.describe(failed["executionArn"])["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    with pytest.raises(machines.client.exceptions.ExecutionNotRedrivable):
        machines.client.redrive_execution(executionArn=failed["executionArn"])
    counts = machines.client.describe_map_run(mapRunArn=run["mapRunArn"])["executionCounts"]
    assert (counts["failed"], counts["failuresNotRedrivable"], counts["pendingRedrive"]) == (1, 0, 0)


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
