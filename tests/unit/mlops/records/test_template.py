"""The template writes records where readers look for them, and keeps feedback's partitions apart from the log's."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from localaws.template.load import load
from mlops.records.layout import EVENT, FEEDBACK, SUFFIX, Kind, day_prefix
from mlops.records.recover import FAILED
from tests.unit.mlops.records.bucket import MODEL, NOON, make_record

TEMPLATE = Path(__file__).parents[4] / "template.yaml"


@pytest.fixture(scope="module")
def resources() -> Any:
    return load(TEMPLATE).body["Resources"]


@pytest.fixture(scope="module")
def destination(resources: Any) -> Any:
    return resources["RecordsStream"]["Properties"]["ExtendedS3DestinationConfiguration"]


def test_a_record_goes_to_the_partition_that_readers_read(destination: Any) -> None:
    processors = {each["Type"]: each["Parameters"] for each in destination["ProcessingConfiguration"]["Processors"]}
    parameters = {each["ParameterName"]: each["ParameterValue"] for each in processors["MetadataExtraction"]}
    assert parameters["MetadataExtractionQuery"] == "{kind: .record, model: .model, day: .timestamp[0:10]}"
    record = make_record(NOON)
    keys = {"kind": record["record"], "model": record["model"], "day": record["timestamp"][0:10]}
    prefix = re.sub(r"!\{partitionKeyFromQuery:(\w+)\}", lambda match: keys[match[1]], destination["Prefix"])
    assert prefix == day_prefix("prediction", MODEL, NOON.date())
    assert destination["FileExtension"] == SUFFIX
    assert destination["CompressionFormat"] == "GZIP"


def test_what_fails_lies_where_it_is_recovered_from(destination: Any) -> None:
    assert destination["ErrorOutputPrefix"].startswith(FAILED)


def test_every_kind_of_record_but_what_the_api_stores_itself_is_subscribed_to(resources: Any) -> None:
    pattern = resources["RecordsSubscription"]["Properties"]["FilterPattern"]
    assert {*re.findall(r'\$\.record = "(\w+)"', pattern)} == {*get_args(Kind.__value__)} - {FEEDBACK, EVENT}
