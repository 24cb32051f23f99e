"""What the API's records hold of the inputs follows RECORD_INPUTS and RECORD_CELL_BYTES, however many rows come."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlops.errors.base import SettingInvalid
from mlops.registry.store import Store
from mlops.serving.answer import LARGE_BATCH
from mlops.serving.bootstrap import open_api as open_served
from mlops.serving.bulk.templates import MANY
from mlops.serving.recording import Recording
from tests.unit.mlops.serving.artifacts import MARK, MIXED, private_version, promote, put_version, regression
from tests.unit.mlops.serving.harness import Api

type OpenApi = Callable[..., Api]
COUNTS = [1, MANY - 1, MANY, 300, LARGE_BATCH + 1]
ROW = {"age": 30, "city": "Bern", "smokes": True, "size": "M", "since": "1970-01-11", "weight": 70.5}


def rows(count: int) -> list[dict[str, float]]:
    return [{"mean radius": number % 100 + 0.25, "mean texture": float(number % 7)} for number in range(count)]


@pytest.fixture
def ask(store: Store, open_api: OpenApi) -> Callable[..., tuple[list[str], list[dict[str, Any]]]]:
    """Predicts rows under settings; returns the prediction ids and the records."""
    put_version(store, 1)
    promote(store, 1)

    def ask(count: int, **settings: Any) -> tuple[list[str], list[dict[str, Any]]]:
        api = open_api(**settings)
        api.printed()
        ids = [each["prediction_id"] for each in api.predict(*rows(count)).json["predictions"]]
        return ids, [line for line in api.printed() if line.get("record") == "prediction"]

    return ask


@pytest.fixture
def mixed(store: Store, open_api: OpenApi) -> Callable[..., Api]:
    """The API on a model of every kind of column."""
    graph, golden = regression(MIXED)
    put_version(store, 1, model="price", contract=MIXED, graph=graph, golden_rows=golden)
    promote(store, 1, "price")
    return lambda **settings: open_api(default_model="price", **settings)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("setting", ["none", "0"])
def test_with_none_a_record_has_all_but_the_inputs(ask: Any, setting: str, count: int) -> None:
    _, whole = ask(count)
    ids, bare = ask(count, record_inputs=setting)
    assert [record["prediction_id"] for record in bare] == ids
    assert whole[0].keys() - bare[0].keys() == {"inputs"}
    assert [record["probabilities"] for record in bare] == [record["probabilities"] for record in whole]
    assert not any("inputs" in record for record in bare)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("share", ["0.5", "0.1", "0.999"])
def test_a_share_is_chosen_by_the_prediction_id_alone(ask: Any, share: str, count: int) -> None:
    ids, records = ask(count, record_inputs=share)
    chosen = [Recording(float(share)).holds_inputs(name) for name in ids]
    assert [record.get("inputs") for record in records] == [
        row if held else None for row, held in zip(rows(count), chosen, strict=True)
    ]
    assert [record["prediction_id"] for record in records] == ids
    assert all({"label", "probability", "probabilities", "role"} <= record.keys() for record in records)


@pytest.mark.parametrize("share", ["all", "0.5", "none"])
def test_a_row_of_several_kinds_is_recorded_by_the_same_rule(mixed: Callable[..., Api], share: str) -> None:
    api = mixed(record_inputs=share)
    api.printed()
    ids = [each["prediction_id"] for each in api.predict(*[ROW] * 40).json["predictions"]]
    *records, _ = api.printed()
    recording = Recording.from_settings(share, 1024)
    assert [record.get("inputs") for record in records] == [
        ROW if recording.holds_inputs(name) else None for name in ids
    ]
    assert all("inputs_cut" not in record for record in records)


def test_a_long_text_is_recorded_up_to_the_cap_and_named(mixed: Callable[..., Api]) -> None:
    api = mixed(record_cell_bytes=5_000)
    api.printed()
    assert api.predict({**ROW, "city": "x" * 4_999}, {**ROW, "city": "é" * 4_000}).status == 200
    whole, cut, _ = api.printed()
    assert whole["inputs"]["city"] == "x" * 4_999
    assert "inputs_cut" not in whole
    assert cut["inputs"] == {**ROW, "city": "é" * 2_500}
    assert cut["inputs_cut"] == ["city"]


@pytest.mark.parametrize(
    ("variable", "value"), [("RECORD_INPUTS", "some"), ("RECORD_INPUTS", "2"), ("RECORD_CELL_BYTES", "8")]
)
def test_a_bad_setting_ends_the_start_and_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=variable):
        open_served({"MODELS_BUCKET": "models", variable: value})


@pytest.mark.parametrize("share", ["all", "0.5", "none"])
@pytest.mark.parametrize("count", [1, 40, LARGE_BATCH])
def test_no_setting_records_more_than_the_privacy_rule_lets_through(
    store: Store, open_api: OpenApi, capsys: pytest.CaptureFixture[str], share: str, count: int
) -> None:
    private_version(store)
    api = open_api(record_inputs=share, privacy_key="key")
    given = [{"mean radius": float(number % 9), "mean texture": 987.125, "name": MARK} for number in range(count)]
    assert api.predict(*given).status == 200
    printed = capsys.readouterr().out
    assert MARK not in printed
    assert "987.125" not in printed
    kept = [json.loads(line).get("inputs", {}) for line in printed.splitlines() if '"prediction_id"' in line]
    assert len(kept) == count
    assert {name for inputs in kept for name in inputs} <= {"mean radius", "mean texture"}
