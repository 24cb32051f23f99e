"""A version has what monitoring compares its records with, and serving needs none of it."""

from collections.abc import Iterator

import numpy as np
import obstore
import pytest

from mlops.artifact.names import HELD_OUT, REFERENCES
from mlops.contract import Column, Target
from mlops.evaluation.answered_rows import load_rows
from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.monitoring.drift import Reference
from mlops.monitoring.drift.files import load_references
from mlops.registry.manifest.manifest import Manifest
from mlops.spec.table import number, table_spec
from tests.unit.mlops import private_patients
from tests.unit.mlops.samples import make_csv, make_lines, make_spec
from tests.unit.mlops.training.fakes import SERVE, Bench


@pytest.fixture(scope="module")
def trained() -> Iterator[tuple[Bench, Manifest]]:
    bench = Bench()
    yield bench, bench.train(make_csv(make_lines(400))).manifest


def references_of(bench: Bench, manifest: Manifest) -> dict[str, Reference]:
    return load_references(bench.versions_of(manifest.model).read(manifest, REFERENCES))


def test_the_references_are_those_of_the_training_rows_and_of_the_answers_to_the_held_out_ones(
    trained: tuple[Bench, Manifest],
) -> None:
    bench, manifest = trained
    found = references_of(bench, manifest)
    assert [*found] == ["length", "width", "kind", "probability of long"]
    assert found["length"].rows == found["width"].rows == 200
    assert 5 < found["width"].quantiles[3] < 40
    assert found["kind"].rows == found["probability of long"].rows == 200
    assert {*found["kind"].names} == {"short", "long"}
    assert 0 <= found["probability of long"].quantiles[0] < found["probability of long"].quantiles[-1] <= 1


def test_the_held_out_rows_have_answers_truth_and_inputs_and_are_as_good_as_the_manifest_says(
    trained: tuple[Bench, Manifest],
) -> None:
    bench, manifest = trained
    held_out = load_rows(bench.versions.read(manifest, HELD_OUT))
    assert isinstance(held_out.answers, ClassAnswers)
    assert held_out.answers.labels == ("short", "long")
    assert held_out.inputs is not None
    assert held_out.inputs.shape == (200, 2)
    assert held_out.answers.hits.mean() == manifest.estimates["accuracy"].value
    assert held_out.answers.threshold == manifest.threshold


def test_a_regressors_answers_are_numbers_in_the_targets_unit() -> None:
    random = np.random.default_rng(1)
    sizes = random.uniform(1, 9, 300)
    lines = [f"{size:.3f},{100 * size + random.normal(0, 5):.2f}" for size in sizes]
    target = Target(name="price", task="regression", unit="EUR")
    spec = table_spec("houses", target, number("size", 0, 10), metric="rmse", trials=2, vouched=("size",))
    bench = Bench()
    manifest = bench.train(make_csv(lines, "size,price"), spec).manifest
    assert [*references_of(bench, manifest)] == ["size", "price"]
    held_out = load_rows(bench.versions_of("houses").read(manifest, HELD_OUT))
    assert isinstance(held_out.answers, ValueAnswers)
    assert np.abs(held_out.answers.residuals).mean() == pytest.approx(manifest.estimates["mae"].value)


def test_private_columns_are_in_neither_file() -> None:
    bench = Bench()
    content = private_patients.to_csv(private_patients.make_lines())
    manifest = bench.train(content, private_patients.make_spec()).manifest
    versions = bench.versions_of("patients")
    assert [*references_of(bench, manifest)] == ["dose", "answer", "probability of yes"]
    held_out = load_rows(versions.read(manifest, HELD_OUT))
    assert held_out.inputs is not None
    assert held_out.inputs.shape == (len(held_out), 1)
    assert private_patients.leaks(versions.read(manifest, REFERENCES)) == []


def test_a_version_is_served_without_reading_them(trained: tuple[Bench, Manifest]) -> None:
    bench, manifest = trained
    copy = Bench()
    for path in [each["path"] for page in obstore.list(bench.store) for each in page]:
        if "/monitoring/" not in path:
            obstore.put(copy.store, path, bytes(obstore.get(bench.store, path).bytes()))
    scorer = SERVE(copy.versions, manifest.version)
    assert scorer.manifest.files.keys() >= {REFERENCES, HELD_OUT}


def test_a_column_called_like_an_answer_keeps_its_name() -> None:
    spec = make_spec(columns=(Column(name="length"), Column(name="probability of long")), trials=2, vouched=("length",))
    bench = Bench()
    manifest = bench.train(make_csv(header="length,probability of long,kind"), spec).manifest
    assert [*references_of(bench, manifest)] == [
        *("length", "probability of long"),
        *("kind", "probability of long (answer)"),
    ]
