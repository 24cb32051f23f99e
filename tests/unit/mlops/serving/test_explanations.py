"""An answer comes with the contributions of the columns, if the request asks for them."""

import json
import math
from typing import Any

import numpy as np
import obstore
import pytest
from onnx import TensorProto, helper

from mlops.artifact.explanation.explainer import Explainer, Part, View
from mlops.artifact.explanation.files import write_explainer, write_refusal
from mlops.artifact.explanation.linear import Linear
from mlops.registry.store import Store
from mlops.training.artifacts.explainer.nodes import make_trees
from mlops.training.compile.trees import Splits, Tree
from tests.unit.mlops.serving.artifacts import (
    CONTRACT,
    ROWS,
    challenge_with,
    probability,
    promote,
    put_version,
    steeper,
)
from tests.unit.mlops.serving.fakes import Wire
from tests.unit.mlops.serving.harness import Answer, Api

STUMP = Splits(
    columns=(),
    trees=(
        Tree(
            feature=np.array([0, 0, 0]),
            threshold=np.array([2.0, 0, 0]),
            left=np.array([1, -1, -1]),
            right=np.array([2, -1, -1]),
            missing_left=np.zeros(3, dtype=np.bool_),
            leaf=np.array([False, True, True]),
            values=np.array([[0.0], [-1.0], [1.0]]),
            cover=np.array([2.0, 1.0, 1.0]),
        ),
    ),
    features=(0, 1),
    single=False,
)
ROW = {"mean radius": 3.0, "mean texture": 2.0}
MEANS = np.array([2.0, 2.5])


def explainer(slope: float = 1.0, *names: str, trees: bool = False) -> dict[str, bytes]:
    """The files that explain `linear_graph`, or a tree in its place."""
    graph = helper.make_graph(
        [helper.make_node("Identity", ["numbers"], ["features"])],
        "features",
        [helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, [None, 2])],
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, [None, 2])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    weights = np.array([[slope, -slope]])
    columns = names or CONTRACT.names
    explained = make_trees(STUMP, 1, 1.0) if trees else Linear(weights, MEANS, weights @ MEANS)
    part = Part(explained, 2, columns, (View(0, -1.0), View(0)))
    return write_explainer(Explainer("log-odds", columns, (part,), model.SerializeToString()))


@pytest.fixture
def explained(store: Store, api: Api) -> Api:
    put_version(store, 2, more=explainer())
    promote(store, 2)
    api.poll()
    api.printed()
    return api


def ask(api: Api, *rows: dict[str, Any], path: str = "/predict", query: str = "explain=true") -> Answer:
    body = json.dumps({"rows": rows or [ROW]})
    return api.ask("POST", path, body, query=query, content_type="application/json")


def test_base_and_contributions_add_up_to_the_log_odds_of_the_answer(explained: Api) -> None:
    answer = ask(explained, *ROWS)
    assert answer.status == 200
    for row, prediction in zip(ROWS, answer.json["predictions"], strict=True):
        explanation = prediction["explanation"]
        assert explanation["unit"] == "log-odds"
        chance = prediction["probabilities"][prediction["label"]]
        total = explanation["base"] + sum(explanation["contributions"].values())
        assert total == pytest.approx(math.log(chance / (1 - chance)), abs=1e-9)
        sign = 1 if prediction["label"] == "malignant" else -1
        assert explanation["contributions"]["mean radius"] == pytest.approx(sign * (row["mean radius"] - MEANS[0]))


@pytest.mark.parametrize("path", ["/models/diagnosis/predict", "/models/diagnosis/versions/2/predict"])
def test_a_model_and_a_version_explain_too(explained: Api, path: str) -> None:
    assert "explanation" in ask(explained, path=path).json["predictions"][0]


@pytest.mark.parametrize("query", ["", "explain=false", "other=1"], ids=["no query", "false", "another parameter"])
def test_what_isnt_asked_for_isnt_there(explained: Api, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(monkeypatch)
    wire.cut = True
    assert "explanation" not in ask(explained, query=query).json["predictions"][0]


@pytest.mark.parametrize(
    "query",
    ["explain=yes", "explain=", "explain=true&explain=true", "explain=True"],
    ids=["yes", "empty", "twice", "True"],
)
def test_another_word_than_true_or_false_is_400(explained: Api, query: str) -> None:
    answer = ask(explained, query=query)
    assert (answer.status, answer.json["type"]) == (400, "urn:mlops:problem:query-invalid")
    assert [line["reason"] for line in explained.printed() if line.get("record") == "rejection"] == ["QueryInvalid"]


@pytest.mark.parametrize("path", ["/invocations", "/v2/models/diagnosis/infer"])
def test_protocols_that_have_no_place_for_it_say_where_it_is(explained: Api, path: str) -> None:
    answer = ask(explained, path=path)
    assert (answer.status, "/models/{model}/predict explain answers" in answer.json["detail"]) == (400, True)


def test_more_rows_than_can_be_explained_in_time_are_413(explained: Api) -> None:
    answer = ask(explained, *(ROWS * 5)[:101])
    assert (answer.status, "100 rows to explain" in answer.json["detail"]) == (413, True)
    assert len(ask(explained, *(ROWS * 4)).json["predictions"]) == 100


def test_of_large_trees_fewer_rows_are_explained_and_the_reason_is_given(
    store: Store, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_version(store, 2, more=explainer(trees=True))
    promote(store, 2)
    api.poll()
    assert len(ask(api, *ROWS).json["predictions"]) == len(ROWS)
    cost = 3 * 1  # nodes of the tree, and points
    monkeypatch.setattr("mlops.serving.explanations.MOST_COST", 5 * cost)
    assert ask(api, *(ROWS * 5)[:5]).status == 200
    answer = ask(api, *(ROWS * 5)[:6])
    assert (answer.status, answer.json["type"]) == (413, "urn:mlops:problem:body-too-large")
    assert "5 rows to explain (the model's trees are large), this one has 6" in answer.json["detail"]
    monkeypatch.setattr("mlops.serving.explanations.MOST_COST", 1)
    assert ask(api).status == 200, "one row is always explained"


def test_an_explainer_of_an_earlier_kind_is_422_and_says_what_to_do(store: Store, api: Api) -> None:
    about = b'{"format": 1, "unit": "log-odds", "names": [], "parts": [{"kind": "trees"}]}'
    put_version(store, 2, more={"explainer.json": about})
    answer = ask(api, path="/models/diagnosis/versions/2/predict")
    assert (answer.status, "of an earlier kind; train it again" in answer.json["detail"]) == (422, True)


def test_a_version_without_an_explainer_is_422_and_says_why(store: Store, api: Api) -> None:
    answer = ask(api)
    assert (answer.status, answer.json["type"]) == (422, "urn:mlops:problem:explanation-unavailable")
    assert "trained without an explainer" in answer.json["detail"]
    put_version(store, 2, more=write_refusal("its 999 leaves are too many"))
    answer = ask(api, path="/models/diagnosis/versions/2/predict")
    assert (answer.status, "its 999 leaves are too many" in answer.json["detail"]) == (422, True)


DAMAGES = {
    "damaged": (explainer(), b"x", "isn't the file that was written"),
    "of another contract": (explainer(1.0, "one", "two"), None, "explains another contract"),
    "of a newer format": (explainer() | {"explainer.json": b'{"format": 2}'}, None, "has the format 2"),
    "not one": (explainer() | {"explainer.npz": b"PK"}, None, "explainer.npz can't be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_explainer_that_cant_be_used_is_503_and_the_answer_goes_on_without_it(
    store: Store, api: Api, damage: str
) -> None:
    files, content, reason = DAMAGES[damage]
    put_version(store, 2, more=files)
    if content is not None:
        obstore.put(store, "diagnosis/versions/2/explainer.npz", content)
    promote(store, 2)
    api.poll()
    answer = ask(api)
    assert (answer.status, reason in answer.json["detail"]) == (503, True)
    assert ask(api, query="").json["version"] == 2


def test_a_store_that_is_gone_is_503_and_the_next_request_is_explained(
    explained: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    wire.cut = True
    assert ask(explained).status == 503
    wire.cut = False
    assert ask(explained).status == 200
    before = wire.gets
    wire.cut = True
    assert ask(explained).status == 200, "the explainer is kept"
    assert wire.gets <= before + 2, "the looks at the aliases"


def test_the_version_that_answers_is_the_one_that_is_explained(store: Store, explained: Api) -> None:
    steeper(store, 3, more=explainer(3.0))
    challenge_with(store, 3, share=1.0)
    explained.models.challenger("diagnosis").poll()
    answer = ask(explained).json
    assert answer["version"] == 3
    explanation = answer["predictions"][0]["explanation"]
    chance = probability(ROW, slope=3)
    total = explanation["base"] + sum(explanation["contributions"].values())
    assert total == pytest.approx(math.log(chance / (1 - chance)), abs=1e-9)
