"""MLflow's own store says what the registry says, however often and wherever a training was interrupted."""

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, Run
from mlflow.exceptions import MlflowException

from mlops.registry.manifest.evidence import Estimate, Interval
from mlops.registry.manifest.manifest import Gate, Manifest
from mlops.tracking.mirror import RETRIES, MlflowMirror, NoMirror, open_mirror
from tests.unit.mlops.registry.samples import make_manifest

# MLflow's store calls what SQLAlchemy will do without one day; what mirrors it doesn't.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

CALLS = (
    "get_experiment_by_name",
    "create_experiment",
    "search_runs",
    "create_run",
    "log_batch",
    "log_inputs",
    "log_artifacts",
    "set_terminated",
    "get_registered_model",
    "create_registered_model",
    "search_model_versions",
    "create_model_version",
    "set_registered_model_alias",
)


SHOWN_AND_NOT = {"card.html": b"<h1>", "plots/roc.svg": b"<svg>", "model.onnx": b"a graph"}


class Interrupted(BaseException):
    """The process dies."""


class Guarded:
    """A client that dies after a number of calls."""

    def __init__(self, client: MlflowClient, lives: float = float("inf")) -> None:
        self._client = client
        self._lives = lives
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        assert name in CALLS, f"{name} isn't known to be interrupted here"

        def call(*arguments: Any, **options: Any) -> Any:
            if self.calls >= self._lives:
                raise Interrupted
            self.calls += 1
            return getattr(self._client, name)(*arguments, **options)

        return call


@pytest.fixture
def client(database: str) -> Iterator[MlflowClient]:
    client = MlflowClient(database, registry_uri=database)
    yield client
    forget(client)


def mirror_of(client: Any, address: str = "s3://models") -> MlflowMirror:
    return MlflowMirror(client, address)


def tell(
    mirror: MlflowMirror, manifest: Manifest, champion: int | None, files: Mapping[str, bytes] = MappingProxyType({})
) -> str | None:
    """What a training does with the mirror; returns the run."""
    run = mirror.record(manifest, files)
    mirror.register(manifest.model_copy(update={"mlflow_run_id": run}), champion)
    return run


def datasets(run: Run) -> list[Dataset]:
    """The datasets that a run used."""
    assert run.inputs
    return [each.dataset for each in run.inputs.dataset_inputs]


def state(client: MlflowClient) -> dict[str, Any]:
    """Everything that MLflow was told, but its own ids and times."""
    experiment = client.get_experiment_by_name("leaves")
    assert experiment
    runs = client.search_runs([experiment.experiment_id])
    # MLflow's own tags are of its server and version.
    own = "mlflow."
    return {
        "runs": [
            (
                run.info.status,
                run.data.params,
                run.data.metrics,
                {name: len(client.get_metric_history(run.info.run_id, name)) for name in run.data.metrics},
                {name: value for name, value in run.data.tags.items() if not name.startswith(own)},
                [(each.name, each.digest, each.source) for each in datasets(run)],
            )
            for run in runs
        ],
        "versions": [
            (version.version, version.source, version.tags)
            for version in client.search_model_versions("name = 'leaves'")
        ],
        "aliases": client.get_registered_model("leaves").aliases,
    }


def test_a_training_is_a_finished_run_with_everything_in_the_manifest(client: MlflowClient) -> None:
    manifest = make_manifest()
    run_id = tell(mirror_of(client), manifest, champion=1)
    assert run_id
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"test_accuracy": 0.9}
    assert run.data.params == {"candidate": "linear", "seed": "0", "C": "1.0"}
    assert run.data.tags["training_key"] == manifest.training_key
    assert run.data.tags["gate/floor/accuracy"] == "passed: 0.9"
    (version,) = client.search_model_versions("name = 'leaves'")
    assert (version.run_id, version.source) == (run_id, "s3://models/leaves/versions/1")
    assert version.tags == {"version": "1", "accepted": "true"}


def test_recording_again_changes_nothing(client: MlflowClient) -> None:
    mirror = mirror_of(client)
    run = tell(mirror, make_manifest(), champion=1)
    before = state(client)
    assert tell(mirror, make_manifest(), champion=1) == run
    assert state(client) == before


def test_the_card_and_the_plots_are_the_runs_artifacts(client: MlflowClient, tmp_path: Path) -> None:
    run = tell(mirror_of(client, tmp_path.as_uri()), make_manifest(), 1, SHOWN_AND_NOT)
    assert run
    assert [each.path for each in client.list_artifacts(run)] == ["card.html", "plots"]
    assert [each.path for each in client.list_artifacts(run, "plots")] == ["plots/roc.svg"]


def test_intervals_and_the_evidence_of_gates_are_recorded(client: MlflowClient) -> None:
    interval = Interval(low=0.8, high=0.95, level=0.95, method="BCa")
    gate = Gate(name="champion", passed=False, detail="worse than version 1")
    found = {"estimates": {"accuracy": Estimate(value=0.9, rows=40, interval=interval)}, "gates": (gate,)}
    run = tell(mirror_of(client), make_manifest().model_copy(update=found), champion=1)
    assert run
    told = client.get_run(run).data
    assert (told.metrics["test_accuracy_low"], told.metrics["test_accuracy_high"]) == (0.8, 0.95)
    assert told.tags["gate/champion"] == "failed: worse than version 1"


def test_a_training_that_dies_between_any_two_calls_is_finished_by_the_next(
    client: MlflowClient, tmp_path: Path
) -> None:
    whole, address = Guarded(client), tmp_path.as_uri()
    tell(mirror_of(whole, address), make_manifest(), 1, SHOWN_AND_NOT)
    wanted = state(client)
    assert whole.calls >= len(CALLS)
    for lives in range(whole.calls):
        forget(client)
        with pytest.raises(Interrupted):
            tell(mirror_of(Guarded(client, lives), address), make_manifest(), 1, SHOWN_AND_NOT)
        tell(mirror_of(client, address), make_manifest(), 1, SHOWN_AND_NOT)
        assert state(client) == wanted, lives


def forget(client: MlflowClient) -> None:
    """Leave MLflow as if nothing had been told."""
    experiment = client.get_experiment_by_name("leaves")
    if experiment:
        # A deleted experiment keeps its name.
        client.rename_experiment(experiment.experiment_id, f"leaves-{experiment.experiment_id}")
        client.delete_experiment(experiment.experiment_id)
    for model in client.search_registered_models():
        client.delete_registered_model(model.name)


def test_the_alias_follows_the_registrys_champion(client: MlflowClient) -> None:
    mirror = mirror_of(client)
    tell(mirror, make_manifest(1, "a", accepted=False), champion=None)
    assert client.get_registered_model("leaves").aliases == {}
    for number, champion in ((2, 2), (3, 3), (4, 3)):
        tell(mirror, make_manifest(number, f"key-{number}"), champion)
        served = client.get_model_version_by_alias("leaves", "champion")
        assert served.tags["version"] == str(champion)
    refused = next(each for each in client.search_model_versions("name = 'leaves'") if each.tags["version"] == "1")
    assert refused.tags["accepted"] == "false"


def test_more_parameters_than_one_call_takes_are_all_kept(client: MlflowClient) -> None:
    many = {f"step{number}__with": number for number in range(250)}
    run = mirror_of(client).record(make_manifest().model_copy(update={"parameters": many}), {})
    assert run
    assert len(client.get_run(run).data.params) == len(many) + 2


def test_an_uri_with_quotes_is_kept_as_it_is(client: MlflowClient) -> None:
    manifest = make_manifest()
    odd = manifest.dataset.model_copy(update={"uri": 's3://data/datasets/leaves/a "good" one.csv'})
    run = mirror_of(client).record(manifest.model_copy(update={"dataset": odd}), {})
    assert run
    (used,) = datasets(client.get_run(run))
    assert used.source == '{"uri": "s3://data/datasets/leaves/a \\"good\\" one.csv"}'


def test_without_an_address_there_is_no_mirror() -> None:
    mirror = open_mirror("", "s3://models", {})
    assert isinstance(mirror, NoMirror)
    assert mirror.record(make_manifest(), {}) is None


def test_a_server_that_hangs_up_is_retried_a_few_times_and_then_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in RETRIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
    with socket.create_server(("127.0.0.1", 0)) as server:
        calls: list[None] = []
        thread = threading.Thread(target=hang_up, args=(server, calls))
        thread.start()
        mirror = open_mirror(f"http://127.0.0.1:{server.getsockname()[1]}", "s3://models", os.environ)
        with pytest.raises(MlflowException, match="Max retries exceeded"):
            mirror.record(make_manifest(), {})
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert len(calls) == 1 + int(RETRIES["MLFLOW_HTTP_REQUEST_MAX_RETRIES"])


def hang_up(server: socket.socket, calls: list[None]) -> None:
    """Take each call, and say nothing."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        calls.append(None)
        connection.close()


def test_what_is_set_already_is_left() -> None:
    environ = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "7"}
    open_mirror("http://127.0.0.1:9", "s3://models", environ)
    assert environ == {**RETRIES, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "7"}
