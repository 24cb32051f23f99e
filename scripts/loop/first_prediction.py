"""The first dataset of a new stack, the version that is trained on it, and a first prediction."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cli.insights import run_query
from cli.reports import wait_for_report
from cli.stack import Stack
from examples import write_diagnosis
from loop.errors import LoopFailed
from loop.screen import Screen

MODEL = "diagnosis"
TRAINING_SECONDS = 300


@dataclass(frozen=True)
class Upload:
    """The example dataset in the data bucket."""

    bucket: str
    key: str
    s3_version: str | None


def upload_example(screen: Screen, folder: Path, stack: str) -> Upload:
    """Write the example dataset into a folder and upload it, which starts a training."""
    target = Stack(stack, announce=False)
    bucket, key = target.outputs["DataBucketName"], f"datasets/{MODEL}/{MODEL}.csv"
    dataset = write_diagnosis(folder)
    with screen.step(f"upload {dataset.name} to s3://{bucket}/{key}"):
        put = target.s3.put_object(Bucket=bucket, Key=key, Body=dataset.read_bytes())
    return Upload(bucket, key, put.get("VersionId"))


def await_first_prediction(screen: Screen, upload: Upload, api: httpx.Client, stack: str) -> None:
    """Wait for the version, ask the API for a prediction, and print both. Raises LoopFailed."""
    target = Stack(stack, announce=False)
    with screen.step("TrainFunction trains, tests and registers a version"):
        report = wait_for_report(target, upload.bucket, upload.key, upload.s3_version, TRAINING_SECONDS)
    if report["outcome"] == "rejected":
        raise LoopFailed(f"The example dataset was rejected: {report['reason']}")
    with screen.step(f"POST {api.base_url.join('/predict')}"):
        prediction = _predict(api)
    model = _request(api, "GET", f"/models/{MODEL}")
    screen.table(
        f"{MODEL} version {prediction['version']} is live, {screen.elapsed:.1f} s after the start",
        {
            "accuracy on held-out rows": f"{model['metrics']['test']['accuracy']:.4f}",
            "first prediction": _describe(prediction["predictions"][0]),
            "predictions logged": str(_count_predictions(target)),
        },
    )


def _predict(api: httpx.Client) -> dict[str, Any]:
    """Predict the row that the API's documentation has as an example."""
    document = _request(api, "GET", "/openapi.json")
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
    return _request(api, "POST", "/predict", body)


def _request(api: httpx.Client, method: str, path: str, body: Any = None) -> dict[str, Any]:
    response = api.request(method, path, json=body)
    if not response.is_success:
        raise LoopFailed(f"{method} {response.url} answered {response.status_code}: {response.text}")
    document: dict[str, Any] = response.json()
    return document


def _describe(prediction: dict[str, Any]) -> str:
    chances = ", ".join(f"p({label}) = {chance:.3f}" for label, chance in prediction["probabilities"].items())
    return f"{prediction['label']} ({chances})"


def _count_predictions(target: Stack) -> int:
    """How many prediction records CloudWatch Logs Insights finds."""
    query = 'filter record = "prediction" | stats count(*) as predictions'
    rows = run_query(target, query, [target.outputs["ApiLogGroup"]], seconds=600)
    return int(rows[0]["predictions"]) if rows else 0
