"""The seven tests of models in "The ML Test Score" (E. Breck and others, IEEE Big Data 2017), each by its name."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from mlops.data.check import check
from mlops.data.digest import digest_code
from mlops.data.read import read_dataset
from mlops.data.split import split
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec, list_specs, load_spec
from mlops.spec.expectations import Direction, Invariance
from mlops.spec.search_space import Between, Candidate, as_candidate
from mlops.training.artifacts.package import to_requests
from tests.unit.mlops.training.fakes import CODE, Bench
from tests.unit.mlops.training.test_refusals import SPEC, draw, failed, gate_of, to_csv

FUNCTIONS = Path(__file__).parents[4] / "functions"
SPECS = [spec for spec in map(load_spec, list_specs()) if isinstance(spec, ModelSpec)]


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
def test_model_1_every_model_spec_is_a_file_under_review_and_a_version_names_it(spec: ModelSpec) -> None:
    """A spec is code: another one is another digest, which the manifest of each version has beside the commit."""
    file = FUNCTIONS / "models" / f"{spec.name.replace('-', '_')}.py"
    assert file.exists()
    assert len(digest_code(FUNCTIONS, spec.name)) == 64
    assert Bench().train().manifest.code == CODE


def test_model_2_offline_metrics_are_those_of_what_is_served() -> None:
    """The accuracy that decides is the accuracy that users get: the served answers to the test rows give the same."""
    bench, content = Bench(), to_csv(draw(800))
    manifest = bench.train(content, SPEC).manifest
    rows = check(read_dataset(content, "a.csv"), SPEC).rows
    _, test = split(rows, SPEC.target, SPEC.contract.names, SPEC.test_share, SPEC.seed)
    scorer = Scorer.load(bench.versions, 1, max_rows=len(test))
    scores = scorer.score(scorer.reader.check(to_requests(test, SPEC.contract)))
    assert np.mean(np.array(scores.labels) == test["kind"].to_numpy()) == manifest.metrics["test"]["accuracy"]


def test_model_3_all_hyperparameters_are_tuned() -> None:
    searched = [as_candidate(given) for spec in SPECS for given in spec.candidates.values()]
    assert any(candidate.search for candidate in searched)
    space = {"C": Between(1e-6, 10, log=True)}
    bad = Candidate(LogisticRegression(C=1e-6), space)
    spec = replace(SPEC, candidates={"linear": bad}, metric="log_loss", trials=8)
    search = Bench().train(to_csv(draw(600)), spec).manifest.search
    assert search
    assert len({trial.parameters.get("C") for trial in search.trials}) == 8
    assert search.winner != 1, "the spec's own value is the worst there is"


def test_model_4_the_impact_of_staleness_is_known() -> None:
    """The world has moved on: beside a candidate of today, the manifest says what the champion's age costs.

    Since it moved so far that a relation is reversed, a person decides.
    """
    bench, lenient = Bench(), replace(SPEC, floors={"accuracy": 0.5})
    assert bench.train(to_csv(draw(1_000)), lenient).standing == "promoted"
    numbers, long = draw(1_600, seed=8)
    numbers[:, 0] = 60 - numbers[:, 0]
    outcome = bench.train(to_csv((numbers, long)), lenient)
    assert outcome.standing == "held", outcome.manifest.gates
    assert {gate.name for gate in outcome.manifest.gates if not gate.passed} == {
        "consistency/new rows",
        "consistency/relations",
    }
    cost = outcome.manifest.comparison
    assert cost
    assert cost.overall
    assert (cost.version, cost.overall.verdict) == (1, "better")
    assert cost.overall.low > 0.1


def test_model_5_a_simpler_model_is_not_better() -> None:
    """The simplest that is as good wins, and one that looks at no column must lose."""
    boosted = HistGradientBoostingClassifier(max_iter=40)
    spec = replace(SPEC, candidates={"linear": LogisticRegression(), "boosted": boosted})
    manifest = Bench().train(to_csv(draw(800)), spec).manifest
    assert manifest.candidate == "linear"
    (baseline,) = [gate for gate in manifest.gates if gate.name == "baseline"]
    assert (baseline.passed, baseline.observed) == (True, "better")


def test_model_6_quality_is_sufficient_on_all_important_slices() -> None:
    numbers, long = draw(1_600)
    north = numbers[:, 2] == 1
    numbers[north, 0] = np.random.default_rng(2).uniform(10, 60, int(north.sum()))
    numbers[north, 1] = np.random.default_rng(3).uniform(2, 20, int(north.sum()))
    outcome = Bench().train(to_csv((numbers, long)), SPEC)
    assert outcome.standing == "refused"
    assert failed(outcome) == {"floor/accuracy/slices"}
    assert "where north = true" in (gate_of(outcome, "floor/accuracy/slices").detail or "")


def test_model_7_inclusion_is_tested() -> None:
    """A column that must not matter, and a cause that must not work the wrong way round, each have their gate."""
    numbers, long = draw(1_600)
    biased = np.where(numbers[:, 2] == 1, long & (np.random.default_rng(4).random(len(long)) < 0.6), long)
    spec = replace(
        SPEC,
        invariances=(Invariance(columns=("north",), tolerance=0.1),),
        directions=(Direction(column="length", answer="rises", step=5),),
        floors={"accuracy": 0.5},
    )
    outcome = Bench().train(to_csv((numbers, biased)), spec)
    assert outcome.standing == "refused"
    assert failed(outcome) == {"invariance/north"}
    assert gate_of(outcome, "direction/length").passed
    assert Bench().train(to_csv((numbers, long)), spec).standing == "promoted"
