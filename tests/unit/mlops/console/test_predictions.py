"""Predictions: the newest of the log and the bucket, one by its id, what moved it, its truth, and who may see what."""

import csv
import io
from datetime import timedelta

import obstore
import pytest

from mlops.console.readers.predictions import MOST
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.truths import Truth
from mlops.records.write import store_feedback
from tests.console_traffic import (
    add_mixed_model,
    add_model,
    add_private_model,
    add_traffic,
    deliver,
    make_id,
    make_record,
)
from tests.console_world import Visitor, World
from tests.unit.mlops.console.listing import listed

TUMOURS = "/console/models/tumours"


def sign_in(world: World, scopes: tuple[str, ...] = ("read",), models: tuple[str, ...] = ()) -> Visitor:
    visitor = Visitor(world.open_app())
    visitor.post("/console/sign-in", {"key": world.make_key(scopes=scopes, models=models)})
    return visitor


@pytest.fixture
def traffic(world: World) -> list[str]:
    """The ids of the predictions of `tumours`, the newest first."""
    return add_traffic(world, "tumours", add_model(world))


def test_the_newest_predictions_come_from_the_log_and_then_from_the_bucket(traffic: list[str], ann: Visitor) -> None:
    assert listed(ann.get(f"{TUMOURS}/predictions").text) == traffic[:MOST]


def test_a_prediction_that_is_in_both_is_there_once(world: World, ann: Visitor) -> None:
    contract = add_model(world)
    record = make_record(contract, "tumours", world.now - timedelta(seconds=5))
    world.logs.lines.append(record)
    deliver(world, [record])
    assert listed(ann.get(f"{TUMOURS}/predictions").text) == [record["prediction_id"]]


def test_of_a_busy_model_the_newest_are_there(world: World, ann: Visitor) -> None:
    ids = add_traffic(world, "tumours", add_model(world), logged=MOST + 30, delivered=0)
    # Those of the last 15 seconds are too few, those of the last two minutes are all.
    assert listed(ann.get(f"{TUMOURS}/predictions").text) == ids[:MOST]


def test_predictions_of_other_models_arent_there(world: World, traffic: list[str], ann: Visitor) -> None:
    add_mixed_model(world)
    world.logs.lines.append({**world.logs.lines[0], "model": "prices", "prediction_id": make_id(world.now, 9)})
    assert listed(ann.get("/console/models/prices/predictions").text) == [make_id(world.now, 9)]
    assert ann.get(f"{TUMOURS}/predictions/{make_id(world.now, 9)}").status_code == 404
    assert ann.get(f"/console/models/prices/predictions/{traffic[0]}").status_code == 404
    assert ann.get(f"/console/models/prices/predictions/{traffic[-1]}").status_code == 404


def test_without_the_log_the_delivered_ones_are_there_and_the_page_says_so(
    world: World, traffic: list[str], ann: Visitor
) -> None:
    world.logs.failing = True
    page = ann.get(f"{TUMOURS}/predictions").text
    assert listed(page) == traffic[8 : 8 + MOST]
    assert "some minutes old" in page
    assert "the API's log can't be read" in world.warnings[0]


def test_a_model_that_nobody_asked_says_how_to_ask_it(world: World, ann: Visitor) -> None:
    add_model(world)
    page = ann.get(f"{TUMOURS}/predictions").text
    assert "There is no prediction yet" in page
    assert f'href="{TUMOURS}/try"' in page


def test_objects_that_break_off_and_lines_that_are_none_leave_the_others(world: World, ann: Visitor) -> None:
    contract = add_model(world)
    record = make_record(contract, "tumours", world.now - timedelta(hours=1))
    deliver(world, [record, {**record, "prediction_id": make_id(world.now, 3), "timestamp": 7, "label": None}])
    place = day_prefix(PREDICTION, "tumours", world.now.date()) + "mlops-records-1-2026-11-29-11-59-59-x.json.gz"
    obstore.put(world.records, place, b"\x1f\x8bno gzip")
    ids = listed(ann.get(f"{TUMOURS}/predictions").text)
    assert sorted(ids) == sorted([record["prediction_id"], make_id(world.now, 3)])
    assert any("damaged" in warning for warning in world.warnings)


def test_the_newest_predictions_are_there_as_a_table_for_spreadsheets(traffic: list[str], ann: Visitor) -> None:
    rows = list(csv.DictReader(io.StringIO(ann.get(f"{TUMOURS}/predictions.csv").text)))
    assert [row["prediction_id"] for row in rows] == traffic[:MOST]
    assert {row["answer"] for row in rows} == {"benign", "malignant"}


def test_an_id_leads_to_its_prediction_whatever_its_letters(traffic: list[str], ann: Visitor) -> None:
    answer = ann.get(f"{TUMOURS}/predictions?id=%20{traffic[0].upper()}%20")
    assert answer.url.path == f"{TUMOURS}/predictions/{traffic[0]}"


@pytest.mark.parametrize("text", ["7", "01a2279b", "<script>", "x" * 200])
def test_what_is_no_id_is_said_to_be_none(traffic: list[str], ann: Visitor, text: str) -> None:
    page = ann.get(f"{TUMOURS}/predictions", params={"id": text}).text
    assert "This is no prediction&#39;s id" in page
    assert listed(page) == traffic[:MOST]
    assert ann.get(f"{TUMOURS}/predictions/7").status_code == 404


def test_an_id_that_nobody_recorded_says_where_it_was_looked_for(
    world: World, traffic: list[str], ann: Visitor
) -> None:
    answer = ann.get(f"{TUMOURS}/predictions/{make_id(world.now, 77)}")
    assert answer.status_code == 404
    assert "neither in the records bucket nor in the API" in answer.text
    assert traffic


def test_without_the_log_a_delivered_prediction_is_found(world: World, traffic: list[str], ann: Visitor) -> None:
    world.logs.failing = True
    for place, status in ((-1, 200), (0, 404)):
        assert ann.get(f"{TUMOURS}/predictions/{traffic[place]}").status_code == status
    assert any("log can't be read" in warning for warning in world.warnings)


def test_a_prediction_shows_its_inputs_its_answer_and_where_it_was_found(traffic: list[str], ann: Visitor) -> None:
    logged, delivered = (ann.get(f"{TUMOURS}/predictions/{each}").text for each in (traffic[0], traffic[-1]))
    for page, chance in ((logged, "0.8176"), (delivered, "0.9241")):
        for text in ("worst radius", chance, "version 1", "None has come yet"):
            assert text in page, text
    assert "delivered yet" in logged
    assert "the records bucket" in delivered


def test_the_truth_that_stands_is_shown_with_what_it_replaced(traffic: list[str], ann: Visitor) -> None:
    page = ann.get(f"{TUMOURS}/predictions/{traffic[10]}").text
    standing = page.index("2026-11-29 11:55 UTC")
    assert page.index("It replaced") > standing
    assert page.index("2026-11-29 11:40 UTC") > standing


def test_a_prediction_is_explained_by_asking_its_version_again(world: World, traffic: list[str], ann: Visitor) -> None:
    path = f"{TUMOURS}/predictions/{traffic[10]}"
    assert "Explain it" in ann.get(path).text
    assert world.functions.asked == []
    page = ann.get(f"{path}?explain=true").text
    assert "gave the same answer" in page
    assert "+1.0000" in page
    assert world.functions.asked[0]["rawPath"] == "/models/tumours/versions/1/predict"
    rows = list(csv.DictReader(io.StringIO(ann.get(f"{path}/explanation.csv").text)))
    assert rows[0]["column"] == "base"
    moved = {row["column"]: float(row["contribution"]) for row in rows}
    assert moved["mean radius"] == pytest.approx(1.0)
    assert sum(moved.values()) == pytest.approx(0.5)  # radius 3, texture 2.5


def test_another_answer_than_the_recorded_one_is_said_to_be_another(world: World, ann: Visitor) -> None:
    contract = add_model(world)
    world.logs.lines.append(make_record(contract, "tumours", world.now, probability=0.7))
    page = ann.get(f"{TUMOURS}/predictions/{make_id(world.now)}?explain=true").text
    assert "gave another answer: benign with 0.8176" in page


def test_what_isnt_recorded_whole_cant_be_explained_and_nothing_is_asked(world: World, ann: Visitor) -> None:
    contract = add_model(world)
    whole = make_record(contract, "tumours", world.now)
    without = {name: value for name, value in whole.items() if name != "inputs"}
    for place, (record, reason) in enumerate(
        (
            (without, "its inputs weren"),
            ({**whole, "inputs_cut": ["mean radius"]}, "some of its texts were cut"),
            ({**whole, "model_version": 9}, "can&#39;t be read any more"),
        )
    ):
        identity = make_id(world.now, place)
        world.logs.lines.append({**record, "prediction_id": identity})
        page = ann.get(f"{TUMOURS}/predictions/{identity}?explain=true").text
        assert reason in page, reason
        assert ann.get(f"{TUMOURS}/predictions/{identity}/explanation.csv").status_code == 404
    assert world.functions.asked == []


def test_private_columns_are_named_shown_as_hashes_and_leave_no_explanation(world: World, ann: Visitor) -> None:
    add_private_model(world)
    line = {
        "timestamp": world.now.isoformat(),
        "record": "prediction",
        "model": "diagnosis",
        "model_version": 1,
        "prediction_id": make_id(world.now),
        "label": "benign",
        "probability": 0.75,
        "inputs": {"mean radius": 3.0, "mean texture": "c0ffee"},
    }
    world.logs.lines.append(line)
    page = ann.get(f"/console/models/diagnosis/predictions/{make_id(world.now)}").text
    assert "<small>hash</small> c0ffee" in page
    assert "mean texture, name" in page
    assert "private columns" in page
    form = ann.get(f"/console/models/diagnosis/try?prediction={make_id(world.now)}").text
    assert "c0ffee" not in form


def test_a_truth_by_the_rows_key_is_shown_as_such(world: World, ann: Visitor) -> None:
    contract = add_model(world, key=("mean radius",))
    record = make_record(contract, "tumours", world.now - timedelta(minutes=5))
    world.logs.lines.append(record)
    truth = Truth(None, "malignant", world.now, {"mean radius": record["inputs"]["mean radius"]})
    other = Truth(None, "benign", world.now, {"mean radius": 99.0})
    store_feedback(world.records, "tumours", [truth, other], world.now)
    page = ann.get(f"{TUMOURS}/predictions/{record['prediction_id']}").text
    assert "by its key" in page
    assert "None has come yet" in page


def test_who_may_only_read_sees_predictions_and_has_none_explained(world: World, traffic: list[str]) -> None:
    reader = sign_in(world, scopes=("read", "predict", "explain"))
    assert listed(reader.get(f"{TUMOURS}/predictions").text) == traffic[:MOST]
    path = f"{TUMOURS}/predictions/{traffic[0]}"
    assert "Explain it" not in reader.get(path).text
    assert reader.get(f"{path}?explain=true").status_code == 403
    assert reader.get(f"{path}/explanation.csv").status_code == 403
    assert world.functions.asked == []
    operator = sign_in(world, scopes=("read", "operate"))
    assert "gave the same answer" in operator.get(f"{path}?explain=true").text


def test_a_key_of_other_models_sees_no_prediction(world: World, traffic: list[str]) -> None:
    other = sign_in(world, models=("churn",))
    for path in ("predictions", "predictions.csv", f"predictions/{traffic[0]}", "try", "logs"):
        assert other.get(f"{TUMOURS}/{path}").status_code == 404


def test_a_function_that_doesnt_answer_is_said_not_to(world: World, traffic: list[str], ann: Visitor) -> None:
    path = f"{TUMOURS}/predictions/{traffic[0]}"
    world.functions.failing = True
    assert "it can&#39;t be asked now" in ann.get(f"{path}?explain=true").text
    assert ann.get(f"{path}/explanation.csv").status_code == 503
