"""MLflow loads and serves a version's folder as it stands in S3, with columns of every kind."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import mlflow.artifacts
import mlflow.pyfunc
import numpy as np
import obstore
import pandas as pd
import pytest

from localaws_testing.ports import free_port
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer
from tests.moto_server import moto_server
from tests.unit.mlops.samples import make_csv
from tests.unit.mlops.training.fakes import Bench
from tests.unit.mlops.training.test_any_table import COLUMNS, make_lines, make_spec

ROWS = pd.DataFrame(
    {
        "length": [42.5, np.nan, 90.0],
        "count": [3, 0, 7],
        "wet": [True, False, True],
        "since": ["2026-03-01", "2026-01-31", "2026-11-24"],
        "site": ["north", None, "east"],
        "finder": ["a", "never seen", "c"],
    }
)
# As a person who works with data frames has them; in JSON, a date is text.
FRAME = ROWS.assign(since=pd.to_datetime(ROWS["since"]))


@pytest.fixture(scope="module")
def bench() -> Bench:
    """A version of a table with every kind of column, in memory."""
    bench = Bench()
    header = ",".join([*(column.name for column in COLUMNS), "answer"])
    bench.train(make_csv(list(make_lines("binary")), header), make_spec("binary"))
    return bench


@pytest.fixture(scope="module")
def address(bench: Bench) -> Iterator[str]:
    """The same version's folder in S3."""
    with pytest.MonkeyPatch.context() as patch, moto_server(patch):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="folders")
        for page in obstore.list(bench.store, "leaves/versions/1"):
            for item in page:
                content = bytes(obstore.get(bench.store, item["path"]).bytes())
                s3.put_object(Bucket="folders", Key=item["path"], Body=content)
        yield "s3://folders/leaves/versions/1"


def served(versions: Versions) -> list[dict[str, Any]]:
    """What the API's own scorer answers."""
    scorer = Scorer.load(versions, 1, max_rows=10)
    records = ROWS.astype(object).where(ROWS.notna(), None).to_dict("records")
    scores = scorer.score(scorer.reader.check(records))
    return [
        {"label": label, "p(no)": chances[0], "p(yes)": chances[1]}
        for label, chances in zip(scores.labels, scores.probabilities, strict=True)
    ]


def assert_same(answers: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert [answer["label"] for answer in answers] == [answer["label"] for answer in wanted]
    for name in ("p(no)", "p(yes)"):
        np.testing.assert_allclose([answer[name] for answer in answers], [answer[name] for answer in wanted])


def test_pyfunc_loads_the_folder_from_s3_and_answers_as_the_api_does(bench: Bench, address: str) -> None:
    model = mlflow.pyfunc.load_model(address)
    assert_same(model.predict(FRAME).to_dict("records"), served(bench.versions))
    described = model.metadata
    assert described.get_input_schema().input_names() == [column.name for column in COLUMNS]
    assert described.get_output_schema().input_names() == ["label", "p(no)", "p(yes)"]


# The same rows in types that MLflow's own would refuse, though nothing is lost.
TYPES: dict[str, dict[str, Any]] = {
    "small": {"count": "int8", "length": "float64", "since": "datetime64[s]"},
    "whole numbers as floats": {"count": "float64"},
    "nullable": {"count": "Int16", "wet": "boolean", "length": "Float64", "site": "string", "finder": "string"},
    "categories": {"site": "category", "finder": "category", "count": "category"},
    "objects": {"count": object, "wet": object, "length": object, "since": object},
    "texts": {"count": str, "wet": str, "since": str},
}


@pytest.mark.parametrize("name", TYPES)
def test_a_frame_that_can_be_read_without_loss_is_answered_whatever_its_types_are(
    name: str, bench: Bench, address: str
) -> None:
    model = mlflow.pyfunc.load_model(address)
    assert_same(model.predict(FRAME.astype(TYPES[name])).to_dict("records"), served(bench.versions))


def test_a_frame_that_would_lose_something_is_refused_with_the_cell(address: str) -> None:
    model = mlflow.pyfunc.load_model(address)
    with pytest.raises(ValueError, match=r"row 1: count must be a whole number and at least 0, not .*0\.5"):
        model.predict(FRAME.assign(count=[3.0, 0.5, 7.0]))


def test_the_metadata_shows_what_the_columns_must_be(address: str) -> None:
    described = mlflow.pyfunc.load_model(address).metadata
    assert [each["kind"] for each in described.metadata["columns"]] == [column.kind for column in COLUMNS]
    assert described.metadata["columns"][0]["unit"] == "mm"
    assert described.metadata["target"]["labels"] == ["no", "yes"]


def test_the_signature_refuses_what_the_contract_does(address: str) -> None:
    model = mlflow.pyfunc.load_model(address)
    with pytest.raises(mlflow.exceptions.MlflowException, match=r"missing inputs.*count"):
        model.predict(FRAME.drop(columns="count"))


def test_the_input_example_is_one_that_the_model_answers(address: str, tmp_path: Path) -> None:
    folder = mlflow.artifacts.download_artifacts(address, dst_path=str(tmp_path))
    model = mlflow.pyfunc.load_model(folder)
    assert len(model.predict(model.metadata.load_input_example(folder))) == 1


def test_mlflow_serves_the_folder_from_s3(bench: Bench, address: str, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "serve.log"
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", address, "--port", str(port)]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--env-manager", "local"], env=environment, stdout=out, stderr=subprocess.STDOUT, cwd=tmp_path
        )
    try:
        deadline = time.monotonic() + 120
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            try:
                if httpx.get(f"http://127.0.0.1:{port}/ping", timeout=5).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        body = {"dataframe_split": json.loads(ROWS.to_json(orient="split", index=False))}
        answer = httpx.post(f"http://127.0.0.1:{port}/invocations", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        assert_same(answer.json()["predictions"], served(bench.versions))
    finally:
        process.terminate()
        process.wait(30)
