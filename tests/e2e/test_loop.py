"""From a CSV to a live prediction, and the same truth wherever one looks."""

import io
import json
import subprocess
from typing import Any

import numpy as np
import obstore
import onnxruntime
import pandas as pd
import pytest
import skops.io
from mlflow import MlflowClient
from skops.io import get_untrusted_types

from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from tests.e2e.conftest import ROOT, Loop


def mlops(*words: str) -> Any:
    done = subprocess.run([ROOT / "scripts/mlops", *words, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def versions(loop: Loop) -> Versions:
    return Versions(open_store(f"s3://{loop.stack.outputs['ModelsBucketName']}"), "diagnosis")


def test_the_accuracy_on_held_out_rows_is_the_same_wherever_one_looks(loop: Loop, versions: Versions) -> None:
    api = loop.api.get("/models/diagnosis").json()
    manifest = versions.table(api["version"])
    listed = next(row for row in mlops("models", "list") if row["version"] == api["version"])
    client = MlflowClient(loop.mlflow_url)
    run_id = client.get_model_version_by_alias("diagnosis", "champion").run_id
    assert run_id
    run = client.get_run(run_id)

    accuracy = manifest.metrics["test"]["accuracy"]
    assert accuracy >= 0.95
    assert api["metrics"]["test"]["accuracy"] == accuracy
    assert listed["metrics"]["accuracy"] == accuracy
    assert run.data.metrics["test_accuracy"] == accuracy


def test_a_row_has_one_probability_from_estimator_onnx_and_http(loop: Loop, versions: Versions, dataset: bytes) -> None:
    names = list(versions.table(loop.champion()).contract.names)
    frame = pd.read_csv(io.BytesIO(dataset))[names].head(50)
    answer = loop.api.post("/predict", json={"rows": frame.to_dict("records")}).json()
    # The champion may have just changed: what is compared is the version that answered.
    manifest = versions.table(answer["version"])
    contract = manifest.contract
    served = [[each["probabilities"][label] for label in contract.target.labels] for each in answer["predictions"]]

    content = versions.read(manifest, "estimator.skops")
    estimator = skops.io.loads(content, trusted=get_untrusted_types(data=content))
    order = [list(estimator.classes_).index(label) for label in contract.target.labels]
    fitted = estimator.predict_proba(frame)[:, order]

    session = onnxruntime.InferenceSession(versions.read(manifest, "model.onnx"))
    (compiled,) = session.run(["probabilities"], {"numbers": frame.to_numpy(np.float64)})

    np.testing.assert_allclose(compiled, fitted, atol=1e-6, rtol=0)
    np.testing.assert_allclose(served, fitted, atol=1e-6, rtol=0)


def test_a_prediction_is_logged_with_its_id(loop: Loop, row: dict[str, Any]) -> None:
    answer = loop.api.post("/predict", json={"rows": [row]}).json()
    (prediction,) = answer["predictions"]

    query = f'filter prediction_id = "{prediction["prediction_id"]}" | fields label, model, model_version, probability'
    (found,) = mlops("logs", "--query", query, "--group", "api")
    assert found["label"] == prediction["label"]
    assert (found["model"], int(found["model_version"])) == (answer["model"], answer["version"])
    assert float(found["probability"]) == pytest.approx(prediction["probabilities"][prediction["label"]])


def test_the_stack_has_named_queries_that_answer(loop: Loop, row: dict[str, Any]) -> None:
    loop.api.post("/predict", json={"rows": [row]})
    assert set(mlops("logs")) == {"predictions", "versions", "errors", "trainings", "challenger"}
    assert int(mlops("logs", "versions")[0]["predictions"]) >= 1
    assert any(training["outcome"] == "promoted" for training in mlops("logs", "trainings"))
    assert mlops("logs", "predictions")[0]["model"] == "diagnosis"


def test_the_command_line_predicts_rows_of_a_csv(loop: Loop, dataset: bytes, tmp_path: Any) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(dataset)
    answer = mlops("predict", str(file), "--limit", "5")
    assert len(answer["predictions"]) == 5
    assert {prediction["label"] for prediction in answer["predictions"]} <= {"benign", "malignant"}


def test_the_version_in_the_bucket_is_complete(loop: Loop, versions: Versions) -> None:
    manifest = versions.table(loop.champion())
    assert {"model.onnx", "estimator.skops", "golden.json", "profile.json", "MLmodel"} <= set(manifest.files)
    for name in manifest.files:
        versions.read(manifest, name)
    folder = f"diagnosis/versions/{manifest.version}"
    store = open_store(f"s3://{loop.stack.outputs['ModelsBucketName']}")
    stored = {item["path"].removeprefix(f"{folder}/") for page in obstore.list(store, folder) for item in page}
    assert stored == {*manifest.files, "manifest.json", "claim.json"}
