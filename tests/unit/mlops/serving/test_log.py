import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from mlops.privacy import make_publisher
from mlops.registry.store import Store
from mlops.serving.ids import make_ids
from tests.unit.mlops.serving.artifacts import (
    MARK,
    PRIVATE,
    ROWS,
    linear_graph,
    private_version,
    probability,
    promote,
    put_version,
)
from tests.unit.mlops.serving.harness import EVENTS, Api


def test_a_prediction_leaves_one_record_that_agrees_with_the_answer(api: Api) -> None:
    row = {"mean radius": 3.0, "mean texture": 2.0}
    (prediction,) = api.predict(row).json["predictions"]
    record, _ = api.printed()
    assert record["record"] == "prediction"
    assert record["prediction_id"] == prediction["prediction_id"]
    assert (record["model"], record["model_version"], record["label"]) == ("diagnosis", 1, "malignant")
    assert record["probability"] == pytest.approx(probability(row))
    assert record["probabilities"] == prediction["probabilities"]
    assert record["inputs"] == row
    assert record["latency_ms"] > 0
    assert record["function_request_id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    assert (
        record["request_id"] == json.loads((EVENTS / "http-get-health.json").read_text())["requestContext"]["requestId"]
    )
    assert {"level", "timestamp", "service", "message"} <= record.keys()


def test_each_row_has_a_record_of_its_own_and_a_request_one_line_of_metrics(api: Api) -> None:
    predictions = api.predict(*ROWS).json["predictions"]
    *records, metrics = api.printed()
    assert [each["prediction_id"] for each in records] == [each["prediction_id"] for each in predictions]
    assert [each["inputs"] for each in records] == ROWS
    assert metrics["Predictions"] == len(ROWS)
    assert metrics["Latency"] == pytest.approx(records[0]["latency_ms"], abs=1e-3)


def test_metrics_are_in_the_embedded_format(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "stack")
    api.predict(ROWS[0])
    _, metrics = api.printed()
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "stack"
    assert directive["Dimensions"] == [["service", "model"]]
    assert {each["Name"]: each["Unit"] for each in directive["Metrics"]} == {
        "Predictions": "Count",
        "Latency": "Milliseconds",
    }
    assert all(name in metrics for name in ("service", "model", "Predictions", "Latency"))
    assert metrics["_aws"]["Timestamp"] > 1_700_000_000_000


def test_a_refused_model_is_logged_and_counted_once(store: Store, api: Api) -> None:
    put_version(store, 2, graph=linear_graph(2))
    promote(store, 2)
    follower = api.models.champion("diagnosis")
    follower.poll()
    follower.poll()
    line, metrics, fallback = api.printed()
    assert (line["level"], line["record"], line["model_version"]) == ("ERROR", "refusal", 2)
    assert "golden" in line["reason"]
    assert (fallback["level"], fallback["champion"], fallback["answers"]) == ("ERROR", 2, 1)
    assert "record" not in fallback, "it would count as a refusal of the version that answers"
    assert (metrics["ModelRefused"], metrics["model"]) == (1, "diagnosis")


REQUESTS: dict[str, tuple[dict[str, Any], int]] = {
    "a row that is answered": ({"mean radius": 1.0, "mean texture": 987.123, "name": MARK}, 200),
    "a hashed value out of range": ({"mean radius": 1.0, "mean texture": 987_123, "name": MARK}, 422),
    "a hashed value of another type": ({"mean radius": "x", "mean texture": "987.123", "name": MARK}, 422),
    "a dropped value of another type": ({"mean radius": 1.0, "mean texture": 987.123, "name": [MARK]}, 422),
    "a misspelt column": ({"mean radius": 1.0, "mean texture": 987.123, "nam": MARK}, 422),
    "an unknown column": (
        {"mean radius": 1.0, "mean texture": 987.123, "name": MARK, "more": [{"secret": MARK}]},
        422,
    ),
}


@pytest.mark.parametrize("key", ["", "a key"], ids=["without a key", "with a key"])
@pytest.mark.parametrize("request_of", REQUESTS)
def test_no_private_value_reaches_a_log_a_metric_or_an_error(
    store: Store,
    open_api: Callable[..., Api],
    capsys: pytest.CaptureFixture[str],
    request_of: str,
    key: str,
) -> None:
    row, status = REQUESTS[request_of]
    private_version(store)
    api = open_api(privacy_key=key)
    answer = api.predict(row)
    printed = capsys.readouterr()
    everything = printed.out + printed.err + (answer.body.decode() if status != 200 else "")
    assert answer.status == status, answer.body
    assert MARK not in everything
    assert "987123" not in everything
    assert "987.123" not in everything


def test_a_hashed_column_is_the_same_for_the_same_value_and_key_only() -> None:
    row = {"mean radius": 1.0, "mean texture": 2.0, "name": "x"}
    first = make_publisher(PRIVATE, b"key")(row)
    assert first == make_publisher(PRIVATE, b"key")(row)
    assert first.keys() == {"mean radius", "mean texture"}
    assert re.fullmatch(r"[0-9a-f]{32}", first["mean texture"])
    assert make_publisher(PRIVATE, b"other")(row) != first
    assert make_publisher(PRIVATE, b"key")({**row, "mean texture": 2.5}) != first


def test_without_a_key_a_hashed_column_is_dropped() -> None:
    assert make_publisher(PRIVATE, b"")({"mean radius": 1.0, "mean texture": 2.0, "name": "x"}) == {"mean radius": 1.0}


def test_ids_are_version_7_uuids_in_ascending_order() -> None:
    ids = make_ids(5000, now=lambda: 1_764_000_000.123)
    assert ids == sorted(ids)
    assert len(set(ids)) == 5000
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", each) for each in ids
    )
    assert int(ids[0].replace("-", "")[:12], 16) == 1_764_000_000_123


def test_ids_stay_valid_at_the_end_of_the_random_range() -> None:
    ids = make_ids(3, now=lambda: 1_764_000_000.0, random=lambda count: b"\xff" * count)
    assert ids == sorted(set(ids))
    assert all(each[14] == "7" and each[19] in "89ab" for each in ids)
