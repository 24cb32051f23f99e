"""Clients that people already have work with a key: MLflow's, requests, Triton's, KServe's, and generated ones."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests
import tritonclient.http as triton
from mlflow.deployments import PredictionsResponse
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from tritonclient.http.auth import BasicAuth
from tritonclient.utils import InferenceServerException

from mlops.authorization.keys import new_key
from tests.integration.serving import clients
from tests.integration.serving.clients.environment import make_environment, run
from tests.integration.serving.server import serve
from tests.integration.serving.trained import Trained, probabilities, train_diagnosis

LABELS = ("benign", "malignant")
KEY = new_key()
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train_diagnosis()


@pytest.fixture(scope="module")
def address(trained: Trained) -> Iterator[str]:
    with serve(trained.store, KEY) as found:
        yield found


@pytest.fixture
def client(address: str) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(address) as opened:
        opened.register_plugin(BasicAuth("any", KEY))
        yield opened


def test_tritons_client_sends_the_key_as_a_header_or_by_its_own_plugin(trained: Trained, address: str) -> None:
    rows = trained.rows(1)
    with triton.InferenceServerClient(address) as opened:
        with pytest.raises(InferenceServerException, match="needs a key"):
            opened.infer("diagnosis", inputs(rows, binary=True))
        assert opened.is_model_ready("diagnosis", headers=dict(AUTHORIZED))
        # The client adds headers of its own to those that it's given.
        assert (
            opened.infer("diagnosis", inputs(rows, binary=True), headers=dict(AUTHORIZED)).as_numpy("label") is not None
        )
        opened.register_plugin(BasicAuth("any", KEY))
        assert opened.infer("diagnosis", inputs(rows, binary=True)).as_numpy("label") is not None


def test_mlflows_scoring_client_pings_asks_and_reads(trained: Trained, address: str) -> None:
    host, _, port = address.partition(":")
    client = ScoringServerClient(f"any:{KEY}@{host}", int(port))
    client.ping()
    assert client.get_version().startswith("3.")
    rows = trained.rows()
    answer = client.invoke(pd.DataFrame(rows))
    assert probabilities(answer, LABELS) == trained.graph_probabilities(rows).tolist()
    frame = answer.get_predictions()
    assert len(frame) == len(rows)
    assert set(frame["label"]) == set(LABELS)


def test_mlflows_scoring_client_sends_lists_too(trained: Trained, address: str) -> None:
    host, _, port = address.partition(":")
    rows = trained.rows(10)
    answer = ScoringServerClient(f"any:{KEY}@{host}", int(port)).invoke(pd.DataFrame(rows).to_numpy())
    assert probabilities(answer, LABELS) == trained.graph_probabilities(rows).tolist()


def test_requests_posts_what_pandas_writes(trained: Trained, address: str) -> None:
    rows = trained.rows(20)
    frame = pd.DataFrame(rows)
    expected = trained.graph_probabilities(rows).tolist()
    url = f"http://{address}/invocations"
    split = {"dataframe_split": frame.to_dict(orient="split")}
    answer = requests.post(url, json=split, headers=AUTHORIZED, timeout=30)
    assert probabilities(PredictionsResponse.from_json(answer.text), LABELS) == expected  # type: ignore[no-untyped-call]
    headers = AUTHORIZED | {"Content-Type": "text/csv"}
    table = requests.post(url, data=frame.to_csv(index=False), headers=headers, timeout=30)
    assert probabilities(table.content, LABELS) == expected


def inputs(rows: list[dict[str, float]], *, binary: bool) -> list[triton.InferInput]:
    tensors = []
    for name in rows[0]:
        tensor = triton.InferInput(name, [len(rows)], "FP64")
        tensor.set_data_from_numpy(np.array([row[name] for row in rows]), binary_data=binary)
        tensors.append(tensor)
    return tensors


@pytest.mark.parametrize("binary_in", [True, False], ids=["binary inputs", "JSON inputs"])
@pytest.mark.parametrize("binary_out", [True, False], ids=["binary outputs", "JSON outputs"])
@pytest.mark.parametrize("version", ["", "1"], ids=["champion", "version 1"])
def test_tritons_client_infers(
    trained: Trained, client: triton.InferenceServerClient, binary_in: bool, binary_out: bool, version: str
) -> None:
    rows = trained.rows()
    wanted = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in ("probabilities", "label")]
    answer = client.infer(
        "diagnosis", inputs(rows, binary=binary_in), model_version=version, outputs=wanted, request_id="7"
    )
    expected = trained.graph_probabilities(rows)
    np.testing.assert_array_equal(answer.as_numpy("probabilities"), expected)
    labels = [label.decode() if isinstance(label, bytes) else label for label in answer.as_numpy("label")]
    assert labels == [LABELS[index] for index in expected.argmax(axis=1)]
    assert answer.get_response()["id"] == "7"
    assert answer.as_numpy("prediction_id") is None


def test_tritons_client_sends_all_columns_in_one_tensor(trained: Trained, client: triton.InferenceServerClient) -> None:
    rows = trained.rows()
    matrix = triton.InferInput("numbers", [len(rows), len(rows[0])], "FP64")
    matrix.set_data_from_numpy(pd.DataFrame(rows).to_numpy())
    answer = client.infer("diagnosis", [matrix])
    np.testing.assert_array_equal(answer.as_numpy("probabilities"), trained.graph_probabilities(rows))
    assert len(set(answer.as_numpy("prediction_id"))) == len(rows)


def test_tritons_client_learns_what_is_ready_and_what_a_model_takes(
    trained: Trained, client: triton.InferenceServerClient
) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("diagnosis")
    assert client.is_model_ready("diagnosis", "1")
    assert not client.is_model_ready("diagnosis", "9")
    assert not client.is_model_ready("none")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    told = client.get_model_metadata("diagnosis")
    assert [each["name"] for each in told["inputs"]] == list(trained.manifest.contract.names)


def test_tritons_client_reads_what_is_wrong(trained: Trained, client: triton.InferenceServerClient) -> None:
    bad = inputs([{**trained.rows(1)[0], "mean radius": -1.0}], binary=True)
    with pytest.raises(InferenceServerException, match="mean radius must be at least"):
        client.infer("diagnosis", bad)
    with pytest.raises(InferenceServerException, match="has no version 9"):
        client.infer("diagnosis", bad, model_version="9")


@pytest.mark.parametrize("binary_in", [True, False], ids=["binary inputs", "JSON inputs"])
@pytest.mark.parametrize(
    "packed", [{"request_compression_algorithm": "gzip"}, {"response_compression_algorithm": "gzip"}]
)
def test_tritons_client_packs_its_request_and_takes_a_packed_answer(
    trained: Trained, client: triton.InferenceServerClient, binary_in: bool, packed: dict[str, str]
) -> None:
    rows = trained.rows()
    answer = client.infer("diagnosis", inputs(rows, binary=binary_in), **packed)
    np.testing.assert_array_equal(answer.as_numpy("probabilities"), trained.graph_probabilities(rows))


def test_tritons_client_learns_that_deflate_isnt_taken(trained: Trained, client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="may be gzip"):
        client.infer("diagnosis", inputs(trained.rows(1), binary=True), request_compression_algorithm="deflate")


def test_requests_packs_its_body(trained: Trained, address: str) -> None:
    rows = trained.rows()
    headers = AUTHORIZED | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    body = gzip.compress(json.dumps({"rows": rows}).encode())
    answer = requests.post(f"http://{address}/predict", data=body, headers=headers, timeout=30)
    assert probabilities(answer.content, LABELS) == trained.graph_probabilities(rows).tolist()


def test_kserves_client_learns_what_is_ready_and_infers(trained: Trained, address: str) -> None:
    programs = make_environment("kserve==0.21.0")
    rows = trained.rows()
    script = Path(clients.__file__).with_name("kserve_v2.py")
    found = json.loads(run(programs / "python", script, f"http://{address}", KEY, given=rows).stdout.splitlines()[-1])
    expected = trained.graph_probabilities(rows).tolist()
    assert found == {
        "server is ready": True,
        "server is live": True,
        "model is ready": True,
        "JSON": expected,
        "binary": expected,
    }


def test_a_generated_client_works_through_every_door(trained: Trained, address: str, tmp_path: Path) -> None:
    programs = make_environment("openapi-python-client==0.29.1")
    generated = tmp_path / "generated"
    document = requests.get(f"http://{address}/openapi.json", headers=AUTHORIZED, timeout=30)
    described = tmp_path / "openapi.json"
    described.write_bytes(document.content)
    options: list[str | Path] = ["--path", described, "--meta", "none", "--output-path", generated]
    warnings = run(programs / "openapi-python-client", "generate", *options).stderr
    # The generator knows no CSV, and leaves out that one body.
    assert warnings.count("WARNING") == warnings.count("Unsupported content type text/csv") == 1, warnings

    rows = trained.rows(20)
    cells = [list(row.values()) for row in rows]
    names = list(rows[0])
    columns = {name: [row[name] for row in rows] for name in names}
    by_column = [{"name": name, "datatype": "FP64", "shape": [20], "data": cells} for name, cells in columns.items()]
    by_matrix = [{"name": "numbers", "datatype": "FP64", "shape": [20, len(names)], "data": cells}]
    predict = [{"rows": rows}]
    infer = [{"inputs": by_column}, {"inputs": by_matrix, "id": "7", "model_name": "diagnosis"}]
    bodies: dict[str, list[Any]] = {
        "predict": predict,
        "predict_diagnosis": predict,
        "predict_diagnosis_version": predict,
        "invocations": [
            {"dataframe_split": {"columns": names, "data": cells}},
            {"dataframe_records": rows},
            {"instances": cells},
            {"inputs": columns},
        ],
        "v2_diagnosis_infer": infer,
        "v2_diagnosis_version_infer": infer,
    }
    script = Path(clients.__file__).with_name("generated.py")
    found = json.loads(run(programs / "python", script, generated, address, KEY, given=bodies).stdout)

    operations = [
        operation
        for item in document.json()["paths"].values()
        for operation in item.values()
        if "responses" in operation
    ]
    assert len(found) == len(operations)
    expected = trained.graph_probabilities(rows).tolist()
    for operation, given in bodies.items():
        assert len(found[operation]) == len(given)
        for answer in found[operation]:
            if "outputs" in answer:
                (output,) = [each for each in answer["outputs"] if each["name"] == "probabilities"]
                assert np.reshape(output["data"], output["shape"]).tolist() == expected
            else:
                assert probabilities(answer, LABELS) == expected
