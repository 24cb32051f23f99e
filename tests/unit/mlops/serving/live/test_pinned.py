"""A particular version is asked for by its number, whatever the champion is."""

import json

import obstore
import pytest

from mlops.errors.registry import ArtifactInvalid, ModelNotFound, VersionNotFound
from mlops.registry.store import Store
from mlops.serving.live.follower import REFUSED_SECONDS
from mlops.serving.live.pinned import MAX_KEPT, PinnedVersions
from tests.unit.mlops.serving.artifacts import linear_graph, probability, promote, put_version, steeper
from tests.unit.mlops.serving.fakes import Clock, Recorder, Wire
from tests.unit.mlops.serving.harness import Api

ROW = {"mean radius": 3.0, "mean texture": 2.0}


@pytest.mark.parametrize("number", [1, 2])
def test_each_version_answers_on_its_own_paths(store: Store, api: Api, number: int) -> None:
    steeper(store, 2)
    answer = api.predict(ROW, path=f"/models/diagnosis/versions/{number}/predict")
    assert (answer.status, answer.json["version"]) == (200, number)
    expected = probability(ROW, slope=number)
    assert answer.json["predictions"][0]["probabilities"]["malignant"] == pytest.approx(expected)
    inputs = [{"name": name, "datatype": "FP64", "shape": [1], "data": [cell]} for name, cell in ROW.items()]
    path = f"/v2/models/diagnosis/versions/{number}/infer"
    inferred = api.ask("POST", path, json.dumps({"inputs": inputs})).json
    assert inferred["model_version"] == str(number)
    assert inferred["outputs"][1]["data"][1] == pytest.approx(expected)
    assert {line["model_version"] for line in api.printed() if line.get("record") == "prediction"} == {number}


@pytest.mark.parametrize(
    "text",
    ["9", "0", "01", "-1", "x", "1.0", "9" * 5000, "²", "٣"],
    ids=[
        *("no such version", "zero", "a leading zero", "negative", "a letter", "a fraction", "5,000 digits"),
        *("a superscript", "an Arabic digit"),
    ],
)
def test_a_version_that_isnt_there_is_404(api: Api, text: str) -> None:
    answer = api.predict(ROW, path=f"/models/diagnosis/versions/{text}/predict")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_version_of_no_model_is_404_and_names_the_model(api: Api) -> None:
    answer = api.predict(ROW, path="/models/none/versions/1/predict")
    assert (answer.status, answer.json["type"]) == (404, "urn:mlops:problem:model-not-found")


def test_a_refused_version_is_503_with_the_reason_and_the_champion_goes_on(store: Store, api: Api) -> None:
    put_version(store, 2, graph=linear_graph(slope=2))  # its golden rows are those of slope 1
    answer = api.predict(ROW, path="/models/diagnosis/versions/2/predict")
    assert (answer.status, "misses its golden rows" in answer.json["detail"]) == (503, True)
    refusals = [line for line in api.printed() if line.get("record") == "refusal"]
    assert [line["model_version"] for line in refusals] == [2]
    assert api.predict(ROW).json["version"] == 1


def test_the_champion_is_not_loaded_a_second_time(store: Store, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(monkeypatch)
    wire.cut = True
    assert api.predict(ROW, path="/models/diagnosis/versions/1/predict").status == 200
    assert api.predict(ROW, path="/models/diagnosis/versions/2/predict").status == 503


def test_a_version_is_read_once_and_the_least_recently_used_goes_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, MAX_KEPT + 2):
        steeper(store, number)
    pinned = PinnedVersions(store, Recorder(), max_rows=10)
    for number in range(1, MAX_KEPT + 1):
        pinned.load("diagnosis", number)
    first = pinned.find("diagnosis", 1)  # so 2 is now the least recently used
    assert first is not None
    pinned.load("diagnosis", MAX_KEPT + 1)
    wire = Wire(monkeypatch)
    assert pinned.load("diagnosis", 1) is first
    assert wire.gets == 0
    assert pinned.find("diagnosis", 2) is None
    assert pinned.load("diagnosis", 2).manifest.version == 2


def test_a_refused_version_is_tried_again_only_after_a_while(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put_version(store, 1)
    whole = bytes(obstore.get(store, "diagnosis/versions/1/model.onnx").bytes())
    obstore.put(store, "diagnosis/versions/1/model.onnx", b"x")
    clock, recorder, wire = Clock(), Recorder(), Wire(monkeypatch)
    pinned = PinnedVersions(store, recorder, max_rows=10, clock=clock)
    for _ in range(3):
        with pytest.raises(ArtifactInvalid, match="isn't the file that was written"):
            pinned.load("diagnosis", 1)
    assert [event[:2] for event in recorder.events] == [("refused", 1)]
    assert wire.gets == 2
    obstore.put(store, "diagnosis/versions/1/model.onnx", whole)
    clock.now += REFUSED_SECONDS
    assert pinned.load("diagnosis", 1).manifest.version == 1


def test_what_isnt_there_is_told_apart(store: Store) -> None:
    put_version(store, 1)
    pinned = PinnedVersions(store, Recorder(), max_rows=10)
    with pytest.raises(VersionNotFound):
        pinned.load("diagnosis", 2)
    with pytest.raises(ModelNotFound):
        pinned.load("none", 1)


def test_the_version_before_a_promotion_can_still_be_asked_for(store: Store, api: Api) -> None:
    steeper(store, 2)
    promote(store, 2)
    api.models.champion("diagnosis").poll()
    assert api.predict(ROW, path="/models/diagnosis/versions/1/predict").json["version"] == 1
