"""The seven tests of infrastructure in "The ML Test Score" (E. Breck and others, 2017), each by its name.

Each goes through the parts that do it in production: the trainer, the registry, and the API as Lambda calls it.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mlops.registry.aliases import CHALLENGER, CHAMPION, Aliases
from mlops.registry.challenge import challenge
from mlops.registry.promotion import roll_back
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec, list_specs, load_spec
from mlops.spec.search_space import as_candidate
from tests.unit.mlops.serving.harness import Answer, Api
from tests.unit.mlops.training.fakes import Bench, reproducible
from tests.unit.mlops.training.test_refusals import SPEC, draw, failed, to_csv

SPECS = [spec for spec in map(load_spec, list_specs()) if isinstance(spec, ModelSpec)]
ROW = {"length": 44.0, "width": 15.0, "north": True}


@pytest.fixture(scope="module")
def bench() -> Bench:
    """A registry with a champion, and a version after it that is as good."""
    bench = Bench()
    assert bench.train(to_csv(draw(1_600)), SPEC).standing == "promoted"
    bench.train(to_csv(draw(2_400, seed=1)), SPEC)
    assert bench.versions.numbers() == [1, 2]
    return bench


@pytest.fixture
def open_leaves(bench: Bench, open_api_on: Callable[..., Api]) -> Iterator[Callable[..., Api]]:
    """The API on that registry with its first version as champion, which is so again afterwards."""

    def start(**settings: Any) -> Api:
        point_at(bench, 1)
        return open_api_on(bench.store, default_model="leaves", follow_seconds=0, **settings)

    yield start
    point_at(bench, 1)


def point_at(bench: Bench, version: int) -> None:
    aliases = Aliases(bench.store, "leaves")
    aliases.move(CHAMPION, version, by="ann", why="a test begins", seen=aliases.find(CHAMPION))


def explain(api: Api, row: dict[str, Any]) -> Answer:
    return api.ask("POST", "/predict", json.dumps({"rows": [row]}), "explain=true", content_type="application/json")


def test_infrastructure_1_training_is_reproducible() -> None:
    """Two trainings on one dataset make the same files, byte for byte, whatever else the process did before."""
    content = to_csv(draw(800))
    first = Bench().train(content, SPEC).manifest
    np.random.seed(7)  # the generator that a library might use behind one's back
    second = Bench().train(content, SPEC).manifest
    assert reproducible(first) == reproducible(second)
    assert first.metrics == second.metrics


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
def test_infrastructure_2_model_specs_are_unit_tested(spec: ModelSpec) -> None:
    """Every spec's candidates learn: on rows drawn from its contract whose answer follows from one column."""
    rng = np.random.default_rng(3)
    names = spec.contract.names
    inputs = rng.uniform(size=(200, len(names)))
    answers = np.array(spec.target.labels)[(inputs[:, 0] > 0.5).astype(int)]
    assert spec.candidates
    for given in spec.candidates.values():
        estimator = as_candidate(given).estimator.fit(inputs, answers)
        assert np.mean(estimator.predict(inputs) == answers) > 0.95


def test_infrastructure_3_the_pipeline_is_integration_tested(open_leaves: Callable[..., Api]) -> None:
    """From a CSV to an answer: a row that training saw is answered as the trained version answers it."""
    answer = open_leaves().predict(ROW, {**ROW, "length": 20.0, "width": 5.0})
    assert answer.status == 200, answer.body
    assert [each["label"] for each in answer.json["predictions"]] == ["long", "short"]
    assert (answer.json["model"], answer.json["version"]) == ("leaves", 1)


def test_infrastructure_4_quality_is_validated_before_a_model_serves() -> None:
    """A version whose labels are noise is kept with its reasons, and the one that serves stays."""
    bench = Bench()
    assert bench.train(to_csv(draw(1_000)), SPEC).standing == "promoted"
    numbers, long = draw(1_000, seed=5)
    noise = np.random.default_rng(6).permutation(long)
    outcome = bench.train(to_csv((numbers, noise)), SPEC)
    assert outcome.standing == "refused"
    assert "floor/accuracy" in failed(outcome)
    assert bench.champion == 1


def test_infrastructure_5_one_prediction_can_be_followed_step_by_step(
    bench: Bench, open_leaves: Callable[..., Api]
) -> None:
    """What each column added is told, the sum is the score, and the record has the row and the version."""
    api = open_leaves()
    api.printed()
    answer = explain(api, ROW)
    assert answer.status == 200, answer.body
    (prediction,) = answer.json["predictions"]
    explanation = prediction["explanation"]
    total = explanation["base"] + sum(explanation["contributions"].values())
    assert 1 / (1 + np.exp(-total)) == pytest.approx(prediction["probabilities"]["long"], abs=1e-6)
    (record,) = [line for line in api.printed() if line.get("record") == "prediction"]
    assert (record["inputs"], record["model_version"]) == (ROW, 1)
    again = Scorer.load(bench.versions, 1, max_rows=1)
    scores = again.score(again.reader.check([record["inputs"]]))
    assert scores.labels[0] == record["label"] == prediction["label"]


def test_infrastructure_6_models_are_tried_on_traffic_before_they_serve(
    bench: Bench, open_leaves: Callable[..., Api]
) -> None:
    """A challenger sees every request, and answers only the share that it's given."""
    aliases = Aliases(bench.store, "leaves")
    challenge(bench.versions, aliases, 2, share=0.0, by="ann", why="in the shadow first")
    api = open_leaves()
    api.models.challenger("leaves").poll()
    api.printed()
    assert {api.predict(ROW).json["version"] for _ in range(20)} == {1}
    records = [line for line in api.printed() if line.get("record") == "prediction"]
    assert {record["challenger_version"] for record in records} == {2}
    challenge(bench.versions, aliases, 2, share=0.5, by="ann", why="now with half of the traffic")
    api.models.challenger("leaves").poll()
    assert {api.predict(ROW).json["version"] for _ in range(60)} == {1, 2}
    seen = aliases.find(CHALLENGER)
    aliases.move(CHALLENGER, 2, by="ann", why="enough", seen=seen, action="withdrawal")


def test_infrastructure_7_a_serving_model_can_be_rolled_back(bench: Bench, open_leaves: Callable[..., Api]) -> None:
    """One step back, followed by an instance that runs, and the history says who, when and why."""
    api = open_leaves()
    point_at(bench, 2)
    api.models.champion("leaves").poll()
    assert api.predict(ROW).json["version"] == 2
    aliases = Aliases(bench.store, "leaves")
    moved = roll_back(bench.versions, aliases, by="ann", why="too many false alarms")
    api.models.champion("leaves").poll()
    assert api.predict(ROW).json["version"] == 1
    last = moved.history[-1]
    assert (last.action, last.by, last.why, last.previous) == ("rollback", "ann", "too many false alarms", 2)
