"""The training image, which other functions share, has every package that its functions and the flows in it import."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.unit.test_architecture import imports, modules, reached

ROOT = Path(__file__).parents[2]


def image() -> set[str]:
    """The distributions that the image installs."""
    lines = (ROOT / "layers" / "training" / "requirements.txt").read_text().splitlines()
    return {line.partition("==")[0] for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize(
    "start", ["batch", "ingest", "release", "mlops.records.query", "mlops.records.join", "mlops.records.bulk.ingest"]
)
def test_what_is_imported_is_in_the_image(start: str) -> None:
    files, distributions = modules(), packages_distributions()
    tops = {
        imported.partition(".")[0] for name in reached(start) for imported in imports(files[name].read_text("utf-8"))
    }
    foreign = tops - {*sys.stdlib_module_names} - {name.partition(".")[0] for name in files}
    assert foreign
    installed = {top for top in foreign if image() & {_normalize(name) for name in distributions.get(top, [])}}
    assert foreign - installed == set()


def _normalize(name: str) -> str:
    return name.lower().replace("_", "-")
