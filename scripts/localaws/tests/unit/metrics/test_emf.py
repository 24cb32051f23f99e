"""Metrics in the embedded metric format."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.metrics.emf import InvalidMetrics, is_embedded, read_metrics
from localaws.metrics.series import Metric
from localaws.metrics.store import Datum


def document(directive: dict[str, Any], **members: Any) -> str:
    directive = {"Namespace": "app", "Dimensions": [[]], "Metrics": [{"Name": "time"}]} | directive
    return json.dumps({"_aws": {"Timestamp": 1574109732004, "CloudWatchMetrics": [directive]}} | members)


def test_the_example_of_the_specification() -> None:
    text = document(
        {
            "Namespace": "lambda-function-metrics",
            "Dimensions": [["functionVersion"]],
            "Metrics": [{"Name": "time", "Unit": "Milliseconds"}],
        },
        functionVersion="$LATEST",
        time=100,
        requestId="989ffbf8-9ace-4817-a57c-e4dd734019ee",
    )
    assert is_embedded(text)
    metric = Metric.of("lambda-function-metrics", "time", {"functionVersion": "$LATEST"})
    assert read_metrics(text) == [Datum(metric, 1574109732.004, {100.0: 1.0}, "Milliseconds")]


def test_every_set_of_dimensions_makes_a_metric_of_its_own() -> None:
    text = document({"Dimensions": [["a", "b"], ["a"], []]}, a="1", b="2", time=5)
    assert [datum.metric.dimensions for datum in read_metrics(text)] == [(("a", "1"), ("b", "2")), (("a", "1"),), ()]


def test_an_array_is_many_values_and_equal_ones_are_counted() -> None:
    (datum,) = read_metrics(document({}, time=[1, 2.5, 1]))
    assert datum.values == {1.0: 2.0, 2.5: 1.0}
    assert read_metrics(document({}, time=[])) == []


def test_several_directives_and_metrics_and_their_resolution() -> None:
    directives = [
        {"Namespace": "one", "Dimensions": [[]], "Metrics": [{"Name": "x", "StorageResolution": 1}, {"Name": "y"}]},
        {"Namespace": "two", "Dimensions": [[]], "Metrics": [{"Name": "x", "Unit": "Count"}]},
    ]
    text = json.dumps({"_aws": {"Timestamp": 1000, "CloudWatchMetrics": directives}, "x": 1, "y": 2})
    found = [(datum.metric.namespace, datum.metric.name, datum.unit, datum.resolution) for datum in read_metrics(text)]
    assert found == [("one", "x", "None", 1), ("one", "y", "None", 60), ("two", "x", "Count", 60)]


@pytest.mark.parametrize("text", ["[1]", '"_aws"', '{"_aws": 1}', '{"_aws": {"Timestamp": 1}}', "{}"])
def test_other_documents_have_no_metrics(text: str) -> None:
    assert read_metrics(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not JSON", "isn't JSON"),
        ('{"_aws": {"CloudWatchMetrics": []}}', "Timestamp"),
        ('{"_aws": {"Timestamp": 1, "CloudWatchMetrics": {}}}', "CloudWatchMetrics isn't a list"),
        (document({"Namespace": ""}, time=1), "Namespace"),
        (document({"Dimensions": ["a"]}, time=1, a="x"), "set of dimensions"),
        (document({"Dimensions": [["a"]]}, time=1), "dimension a"),
        (document({"Dimensions": [["a"]]}, time=1, a=5), "dimension a"),
        (document({"Dimensions": [["a.b"]]}, time=1, a={"b": "x"}), "dimension a.b"),
        (document({"Metrics": [{}]}, time=1), "no Name"),
        (document({}), "time has no number"),
        (document({}, time="5"), "time has no number"),
        (document({}, time=True), "time has no number"),
        (document({}, time=[1] * 101), "101 values"),
        (document({"Metrics": [{"Name": "time"}] * 101}, time=1), "101 members"),
        (document({"Metrics": [{"Name": "time", "Unit": "Parsecs"}]}, time=1), "Parsecs"),
        (document({"Metrics": [{"Name": "time", "StorageResolution": 5}]}, time=1), "not 1 or 60"),
    ],
)
def test_an_invalid_document_is_refused_by_member(text: str, message: str) -> None:
    with pytest.raises(InvalidMetrics, match=message):
        read_metrics(text)
