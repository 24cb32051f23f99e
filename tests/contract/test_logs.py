"""What is logged can be found, by the queries that people run on AWS."""

from __future__ import annotations

import re

import pytest

from tests.contract.target import Target


def test_a_prediction_is_found_by_its_id_with_what_was_answered(target: Target) -> None:
    answer = target.api.post("/predict", json={"rows": [target.row]}).json()
    (prediction,) = answer["predictions"]
    text = f'filter prediction_id = "{prediction["prediction_id"]}" | fields label, model, model_version, probability'
    (found,) = target.query(text, target.outputs["ApiLogGroup"])
    assert (found["label"], found["model"]) == (prediction["label"], "diagnosis")
    assert int(found["model_version"]) == answer["version"]
    assert float(found["probability"]) == pytest.approx(prediction["probabilities"][prediction["label"]])


def test_a_filter_pattern_finds_the_record_of_one_request(target: Target) -> None:
    (prediction,) = target.api.post("/predict", json={"rows": [target.row]}).json()["predictions"]
    pattern = f'{{ $.record = "prediction" && $.prediction_id = "{prediction["prediction_id"]}" }}'
    (record,) = target.filtered(target.outputs["ApiLogGroup"], pattern)
    assert record["label"] == prediction["label"]


def test_each_call_has_lambdas_own_report(target: Target) -> None:
    assert target.api.get("/health").status_code == 200
    (row, *_) = target.query(
        "filter @message like /^REPORT RequestId/ | fields @message", target.outputs["ApiLogGroup"]
    )
    assert re.match(
        r"REPORT RequestId: [0-9a-f-]{36}\s+(Init Duration: [\d.]+ ms\s+)?Duration: [\d.]+ ms\s+"
        r"Billed Duration: \d+ ms\s+Memory Size: \d+ MB\s+Max Memory Used: \d+ MB",
        row["@message"],
    ), row


def test_the_named_queries_of_the_stack_answer(target: Target) -> None:
    target.api.post("/predict", json={"rows": [target.row]})
    found = target.clients("logs").describe_query_definitions(queryDefinitionNamePrefix=f"{target.stack}/")
    queries = {each["name"].partition("/")[2]: each for each in found["queryDefinitions"]}
    assert {"predictions", "versions", "errors", "trainings"} <= set(queries)
    rows = {
        name: target.query(queries[name]["queryString"], *queries[name]["logGroupNames"])
        for name in ("predictions", "versions", "trainings")
    }
    assert rows["predictions"][0]["model"] == "diagnosis"
    assert sum(int(row["predictions"]) for row in rows["versions"]) >= 1
    assert any(row["outcome"] in ("promoted", "kept", "unchanged") for row in rows["trainings"])


def test_metrics_stand_in_the_logs_in_their_embedded_format(target: Target) -> None:
    target.api.post("/predict", json={"rows": [target.row]})
    (record, *_) = target.filtered(target.outputs["ApiLogGroup"], "{ $._aws.Timestamp > 0 }")
    assert record["_aws"]["CloudWatchMetrics"][0]["Metrics"]
