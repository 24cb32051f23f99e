"""The real data: good enough, the same each time, and one answer from the estimator, its graph and the server."""

from dataclasses import replace

import numpy as np
import pytest
import skops.io

from examples import write_diagnosis
from mlops.data.check import check
from mlops.data.read_csv import read_csv
from mlops.intake.training import Outcome, Upload
from mlops.registry.manifest.manifest import Manifest
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec, load_table_spec
from mlops.training.compile import TOLERANCE
from mlops.training.compile.estimator import predict
from tests.unit.mlops.training.fakes import CODE, Bench, reproducible

SPEC = load_table_spec("diagnosis")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_diagnosis(tmp_path_factory.mktemp("examples")).read_bytes()


def train(bench: Bench, content: bytes, candidate: str) -> Outcome[Manifest]:
    """Train with one candidate alone, as the spec has it."""
    return train_by(bench, content, replace(SPEC, candidates={candidate: SPEC.candidates[candidate]}, trials=1))


def train_by(bench: Bench, content: bytes, spec: ModelSpec) -> Outcome[Manifest]:
    return bench.trainer.train(Upload(uri="s3://data/a.csv", s3_version="v1", content=content), spec, CODE)


@pytest.mark.parametrize("candidate", SPEC.candidates)
def test_each_candidate_is_good_and_serves_the_same_function_as_its_estimator(content: bytes, candidate: str) -> None:
    bench = Bench()
    manifest = train(bench, content, candidate).manifest
    assert manifest.metrics["test"]["accuracy"] >= 0.95
    (parity,) = [gate for gate in manifest.gates if gate.name == "parity"]
    assert isinstance(parity.observed, float)
    assert parity.observed <= TOLERANCE == 1e-6

    versions = type(bench.versions)(bench.store, "diagnosis")
    kept = versions.read(manifest, "estimator.skops")
    estimator = skops.io.loads(kept, trusted=skops.io.get_untrusted_types(data=kept))
    rows = check(read_csv(content), SPEC).rows
    expected = predict(estimator, rows, SPEC.contract)
    # As JSON brings them to the server: rows of names and numbers.
    requests = [dict(zip(SPEC.contract.names, row, strict=False)) for row in rows.to_numpy().tolist()]
    scores = Scorer.load(versions, 1, max_rows=len(rows)).score(requests)
    np.testing.assert_allclose(scores.probabilities, expected, rtol=0, atol=TOLERANCE)
    assert scores.labels == [SPEC.target.labels[place] for place in expected.argmax(axis=1)]


def test_the_search_finds_a_champion_and_the_same_one_every_time(content: bytes) -> None:
    first, second = (train_by(Bench(), content, SPEC) for _ in range(2))
    assert first.standing == "promoted"
    assert first.manifest.metrics["test"]["accuracy"] >= 0.95
    assert all(gate.passed for gate in first.manifest.gates)
    searches = [each.manifest.search for each in (first, second)]
    trials = [[(trial.parameters, trial.folds) for trial in search.trials] for search in searches if search]
    assert len(trials[0]) == SPEC.trials
    assert trials[0] == trials[1]
    assert reproducible(first.manifest) == reproducible(second.manifest)
