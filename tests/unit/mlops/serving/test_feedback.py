"""POST /models/{model}/feedback: 202 once the truths are durable, a problem document for everything else."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
import pytest
from obstore.exceptions import GenericError
from obstore.store import MemoryStore
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from mlops.records.truths import MAX_TRUTHS
from mlops.registry.store import Store
from mlops.serving.ids import make_ids
from tests.unit.mlops.serving.artifacts import MIXED, ROWS, promote, put_version, regression
from tests.unit.mlops.serving.harness import Answer, Api

PATH = "/models/diagnosis/feedback"


@pytest.fixture
def records() -> Store:
    return MemoryStore()


@pytest.fixture
def door(store: Store, records: Store, open_api: Callable[..., Api]) -> Api:
    """The API on version 1 of diagnosis, taking feedback."""
    put_version(store, 1)
    promote(store, 1)
    api = open_api(records=records, records_bucket="records", follow_seconds=0)
    api.printed()
    return api


def truth(**changes: Any) -> dict[str, Any]:
    return {"prediction_id": make_ids(1)[0], "truth": "benign", "at": datetime.now(UTC).isoformat(), **changes}


def send(api: Api, body: Any, path: str = PATH, **headers: str) -> Answer:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return api.ask("POST", path, content, **{"content_type": "application/json", **headers})


def stored(records: Store) -> dict[str, list[dict[str, Any]]]:
    """The feedback lines of each object."""
    keys = [each["path"] for batch in obstore.list(records) for each in batch]
    contents = {key: gzip.decompress(bytes(obstore.get(records, key).bytes())) for key in keys}
    return {key: [json.loads(line) for line in content.splitlines()] for key, content in contents.items()}


def test_a_truth_of_a_prediction_lies_in_the_bucket_when_it_is_acknowledged(door: Api, records: Store) -> None:
    predicted = door.predict(ROWS[0]).json["predictions"][0]["prediction_id"]
    given = truth(prediction_id=predicted, truth="malignant")
    door.printed()
    answer = send(door, given)
    assert (answer.status, answer.json) == (202, {"model": "diagnosis", "stored": 1})
    ((key, (line,)),) = stored(records).items()
    assert key.startswith(f"records/kind=feedback/model=diagnosis/day={datetime.now(UTC):%Y-%m-%d}/")
    assert (line["prediction_id"], line["truth"], line["source"]) == (predicted, "malignant", "api")
    assert datetime.fromisoformat(line["at"]) == datetime.fromisoformat(given["at"])
    (metric,) = door.printed()
    assert (metric["TruthsStored"], metric["model"]) == (1, "diagnosis")


def test_a_request_takes_500_truths_and_the_same_request_again_changes_nothing(door: Api, records: Store) -> None:
    body = {"truths": [truth(prediction_id=name) for name in make_ids(MAX_TRUTHS)]}
    for _ in range(2):
        answer = send(door, gzip.compress(json.dumps(body).encode()), content_encoding="gzip")
        assert (answer.status, answer.json["stored"]) == (202, MAX_TRUTHS)
    ((_, lines),) = stored(records).items()
    assert {line["prediction_id"] for line in lines} == {each["prediction_id"] for each in body["truths"]}


def test_numbers_are_the_truths_of_a_regressor(store: Store, records: Store, open_api: Callable[..., Api]) -> None:
    graph, golden = regression(MIXED)
    put_version(store, 1, model="mixed", contract=MIXED, graph=graph, golden_rows=golden)
    promote(store, 1, model="mixed")
    api = open_api(records=records, records_bucket="records")
    assert send(api, truth(truth=12.5), "/models/mixed/feedback").status == 202
    assert send(api, truth(truth="benign"), "/models/mixed/feedback").status == 422
    ((_, (line,)),) = stored(records).items()
    assert line["truth"] == 12.5


LATER = (datetime.now(UTC) + timedelta(days=1)).isoformat()
REFUSED: dict[str, tuple[Any, dict[str, str], int, str]] = {
    "no JSON": ("{", {}, 400, "body-unreadable"),
    "broken gzip": (b"nothing", {"content_encoding": "gzip"}, 400, "body-unreadable"),
    "another type": (truth(), {"content_type": "text/csv"}, 415, "media-type-unsupported"),
    "another coding": (truth(), {"content_encoding": "br"}, 415, "content-coding-unsupported"),
    "too many truths": ({"truths": [truth()] * (MAX_TRUTHS + 1)}, {}, 413, "body-too-large"),
    "too many bytes": (truth(truth="x" * 100_000), {}, 413, "body-too-large"),
    "another label": (truth(truth="maybe"), {}, 422, "truths-rejected"),
    "one wrong of two": ({"truths": [truth(), truth(truth=1)]}, {}, 422, "truths-rejected"),
    "no id": (truth(prediction_id="7"), {}, 422, "truths-rejected"),
    "no zone": (truth(at="2026-11-29T14:05:00"), {}, 422, "truths-rejected"),
    "the future": (truth(at=LATER), {}, 422, "truths-rejected"),
    "no list": ({"truths": {}}, {}, 422, "truths-rejected"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_feedback_that_breaks_a_rule_is_refused_whole_logged_and_counted(
    store: Store, records: Store, open_api: Callable[..., Api], kind: str
) -> None:
    put_version(store, 1)
    promote(store, 1)
    api = open_api(records=records, records_bucket="records", max_body_bytes=90_000)
    api.printed()
    body, headers, status, problem = REFUSED[kind]
    answer = send(api, body, **headers)
    assert (answer.status, answer.json["type"]) == (status, f"urn:mlops:problem:{problem}")
    assert stored(records) == {}
    line, metric = api.printed()
    assert (line["message"], line["level"], line["model"]) == ("feedback refused", "WARNING", "diagnosis")
    assert "record" not in line, "a record of kind rejection is a refused request for predictions"
    assert metric["FeedbackRefused"] == 1


def test_the_answer_names_each_wrong_truth_and_the_log_repeats_none(door: Api) -> None:
    answer = send(door, {"truths": [truth(), truth(truth="MARKED"), truth(prediction_id="MARKED", at="MARKED")]})
    assert [(each["row"], each["column"], each["rule"]) for each in answer.json["errors"]] == [
        (1, "truth", "label"),
        (2, "prediction_id", "prediction_id"),
        (2, "at", "undated"),
    ]
    lines = door.printed()
    assert lines[0]["rules"] == {"label": 1, "prediction_id": 1, "undated": 1}
    assert "MARKED" not in json.dumps(lines)


def test_a_model_that_is_unknown_or_has_no_name_is_not_found(door: Api, records: Store) -> None:
    for name in ("none", "No Such Name", "x" * 100):
        answer = send(door, truth(), f"/models/{name}/feedback")
        assert (answer.status, answer.json["type"]) == (404, "urn:mlops:problem:model-not-found"), name
    assert stored(records) == {}


def test_a_model_without_a_champion_takes_no_truths_yet(store: Store, door: Api, records: Store) -> None:
    put_version(store, 1, model="other")
    answer = send(door, truth(), "/models/other/feedback")
    assert (answer.status, answer.json["type"]) == (503, "urn:mlops:problem:model-unavailable")
    assert stored(records) == {}


def test_the_path_answers_post_alone(door: Api) -> None:
    assert door.ask("GET", PATH).status == 405


@pytest.mark.parametrize(
    "error", [GenericError("Generic S3 error: host-7\n\nDebug source: …"), OSError("host-7 is gone")]
)
def test_a_bucket_that_is_away_is_a_503_with_one_line_and_one_metric_and_mends(
    door: Api, records: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "put", fail)
        answer = send(door, truth())
    assert (answer.status, answer.json["type"]) == (503, "urn:mlops:problem:feedback-not-stored")
    assert answer.headers["retry-after"]
    assert b"host-7" not in answer.body
    line, metric = door.printed()
    assert (line["record"], line["status"], line["model"]) == ("failure", 503, "diagnosis")
    assert "host-7" in line["reason"]
    assert metric["RequestFailed"] == 1
    assert send(door, truth()).status == 202
    assert len(stored(records)) == 1


def test_an_api_without_a_bucket_says_that_it_takes_no_feedback(api: Api) -> None:
    answer = send(api, truth())
    assert (answer.status, answer.json["type"]) == (404, "urn:mlops:problem:feedback-not-taken")
    assert "RECORDS_BUCKET" in answer.json["detail"]
    assert PATH not in api.ask("GET", "/openapi.json").json["paths"]


def test_the_examples_of_the_document_are_answered_as_it_says(store: Store, door: Api) -> None:
    document = door.ask("GET", "/openapi.json").json
    validate(document)
    operation = document["paths"][PATH]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    said = operation["responses"]["202"]["content"]["application/json"]["schema"]
    for example in body["examples"].values():
        OAS31Validator(body["schema"]).validate(example["value"])
        answer = send(door, example["value"])
        assert answer.status == 202, answer.body
        OAS31Validator(said).validate(answer.json)
    assert '"enum": ["benign", "malignant"]' in json.dumps(body["schema"])
    assert set(operation["responses"]) == {"202", "400", "404", "413", "415", "422", "503"}
