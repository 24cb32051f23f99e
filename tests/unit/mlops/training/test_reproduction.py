"""A version trained again from its record is the same, and what differs is named."""

import pytest

from mlops.registry.manifest.manifest import Manifest
from mlops.training.reproduction import reproduce
from tests.unit.mlops.samples import make_csv, make_lines, make_spec
from tests.unit.mlops.training.fakes import SERVE, Bench

CONTENT = make_csv()


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return Bench().train(CONTENT).manifest


def test_the_same_dataset_gives_identical_files_and_metrics(manifest: Manifest) -> None:
    steps: list[str] = []
    found = reproduce(manifest, make_spec(), CONTENT, SERVE, steps.append)
    assert found.identical
    assert len(found.files) >= 6
    assert all(found.files.values())
    assert found.metrics["recorded"] == found.metrics["reproduced"]
    assert found.other_libraries == {}
    assert steps[0].startswith("read and check")


def test_other_data_give_another_model_and_its_digest(manifest: Manifest) -> None:
    found = reproduce(manifest, make_spec(), make_csv(make_lines(80, seed=3)), SERVE, lambda _: None)
    assert not found.identical
    assert found.sha256["recorded"] == manifest.files["model.onnx"].sha256 != found.sha256["reproduced"]


def test_a_library_of_another_version_is_named(manifest: Manifest) -> None:
    older = manifest.model_copy(update={"libraries": {**manifest.libraries, "numpy": "1.0"}})
    found = reproduce(older, make_spec(), CONTENT, SERVE, lambda _: None)
    assert found.other_libraries == {"numpy": {"recorded": "1.0", "here": manifest.libraries["numpy"]}}
