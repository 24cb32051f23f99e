"""The loader that travels with a version needs nothing of this project but what travels with it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlops.artifact.names import MANIFEST
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer
from tests.unit.mlops.samples import make_csv
from tests.unit.mlops.training.fakes import Bench
from tests.unit.mlops.training.test_any_table import COLUMNS, make_lines, make_spec

ROWS: list[dict[str, Any]] = [
    {"length": 42.5, "count": 3, "wet": True, "since": "2026-03-01", "site": "north", "finder": "a"},
    {"length": None, "count": 0, "wet": False, "since": "2026-01-31", "site": None, "finder": "never seen"},
]
# Run apart from this project, in the version's folder.
SCRIPT = """
import json, sys
sys.path.insert(0, "code")
import pandas as pd
import mlops_model
answers = mlops_model._load_pyfunc(".").predict(pd.DataFrame(json.load(sys.stdin)))
roots = {name.partition(".")[0] for name in sys.modules}
loaded = sorted(name for name in sys.modules if name.startswith("mlops"))
print(json.dumps({"answers": answers.to_dict("records"), "roots": sorted(roots), "loaded": loaded}))
"""


def load_and_predict(versions: Versions, folder: Path) -> dict[str, Any]:
    """Write the version's files into a folder, and have a process of its own load it and answer ROWS."""
    manifest = versions.manifest(1)
    for name in manifest.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(versions.read(manifest, name))
    assert MANIFEST not in manifest.files
    # -I: neither this folder nor PYTHONPATH is on the process's path, so that code/ alone has modules of this project.
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT],
        input=json.dumps(ROWS),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_version_is_loaded_without_this_project_and_answers_as_it_serves(task: str, tmp_path: Path) -> None:
    bench = Bench()
    header = ",".join([*(column.name for column in COLUMNS), "answer"])
    bench.train(make_csv(list(make_lines(task)), header), make_spec(task))
    found = load_and_predict(bench.versions, tmp_path)

    assert not {"pydantic", "pydantic_core", "sklearn", "onnx", "obstore", "mlflow"} & {*found["roots"]}
    assert set(found["loaded"]) == {
        "mlops",
        "mlops.artifact",
        *(
            f"mlops.artifact.{name}"
            for name in (
                "decision",
                "frame_reader",
                "frames",
                "inputs",
                "matrix",
                "missing",
                "names",
                "session",
                "spelling",
            )
        ),
        "mlops_model",
    }
    scorer = Scorer.load(bench.versions, 1, max_rows=10)
    scores = scorer.score(scorer.reader.check(ROWS))
    answers: list[dict[str, Any]] = found["answers"]
    assert [answer["label"] for answer in answers if "label" in answer] == scores.labels
    np.testing.assert_array_equal(numbers(answers), scores.values if task == "regression" else scores.probabilities)


def numbers(answers: list[dict[str, Any]]) -> NDArray[np.float64]:
    """[rows, k] probabilities in the labels' order, or [rows] values."""
    found = [[value for name, value in answer.items() if name != "label"] for answer in answers]
    cells: NDArray[np.float64] = np.array(found, dtype=np.float64)
    return cells[:, 0] if list(answers[0]) == ["value"] else cells
