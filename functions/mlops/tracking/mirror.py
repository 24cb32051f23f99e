"""MLflow mirrors the registry: a run a training, a registered version a version, and the champion's alias."""

import json
import re
from collections.abc import Callable, Mapping, MutableMapping
from datetime import date, datetime
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from mlops.errors.training import TrackingFailed
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Gate, VersionManifest
from mlops.registry.promotion import champion_version
from mlops.tracking.trials import record_trials
from mlops.tracking.windows import record_figures

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

MAX_PARAMETER = 6_000  # characters that MLflow keeps of a parameter
MAX_TAG = 5_000  # characters that MLflow keeps of a tag's value
SHOWN = re.compile(r"card\.html|plots/[^/]+\.svg")
MAX_PARAMETERS = 100  # that MLflow takes in one call
# By default MLflow's client retries for minutes, during which a function costs money: the queue retries anyway.
RETRIES = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "4",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}


class Mirror(Protocol):
    """Where trainings are recorded besides the registry. Every call may be repeated, and changes nothing then."""

    def record(self, manifest: VersionManifest, files: Mapping[str, bytes]) -> str | None:
        """Record the training, with those of its files that people look at; returns its run's id."""

    def register(self, manifest: VersionManifest, champion: int | None) -> None:
        """Register the version, and make the champion's alias point where it points in the registry."""


class WindowMirror(Protocol):
    """Where monitoring's figures are recorded besides the records bucket."""

    def record_window(self, run_id: str | None, day: date, at: datetime, figures: Mapping[str, float]) -> None:
        """Record a version's figures of a day, known at a time. Repeating changes nothing.

        Raises TrackingFailed if they can't be recorded.
        """


class NoMirror:
    """No MLflow is configured."""

    def record(self, manifest: VersionManifest, files: Mapping[str, bytes]) -> str | None:  # noqa: ARG002
        """There is no run."""
        return None

    def register(self, manifest: VersionManifest, champion: int | None) -> None:
        """There is nothing to register."""

    def record_window(self, run_id: str | None, day: date, at: datetime, figures: Mapping[str, float]) -> None:  # noqa: ARG002
        """Raises TrackingFailed."""
        raise TrackingFailed("no MLflow is configured")


class MlflowMirror:
    """An MLflow tracking server. `address` is that of the registry's bucket, `s3://bucket`."""

    def __init__(self, client: "MlflowClient", address: str) -> None:
        self._client = client
        self._address = address

    def record(self, manifest: VersionManifest, files: Mapping[str, bytes]) -> str | None:
        """One finished run of the model's experiment, found again by the training's key if it's there already."""
        experiment = self._experiment(manifest.model)
        run = self._run(experiment, manifest) or self._client.create_run(
            experiment,
            run_name=f"{manifest.model} {manifest.version}",
            tags={"training_key": manifest.training_key, "version": str(manifest.version)},
        )
        run_id: str = run.info.run_id
        if run.info.status != "FINISHED":
            self._fill(run_id, run.info.start_time, manifest)
            self._show(run_id, files)
            record_trials(self._client, experiment, run_id, manifest)
            self._client.set_terminated(run_id)
        return run_id

    def register(self, manifest: VersionManifest, champion: int | None) -> None:
        """One registered version, found again by its tag, and the alias on the champion's."""
        name = manifest.model
        self._ensure(
            lambda: self._client.get_registered_model(name), lambda: self._client.create_registered_model(name)
        )
        if self._registered(name, manifest.version) is None:
            self._client.create_model_version(
                name,
                source=f"{self._address}/{name}/versions/{manifest.version}",
                run_id=manifest.mlflow_run_id,
                tags={"version": str(manifest.version), "accepted": str(manifest.accepted).lower()},
            )
        serving = None if champion is None else self._registered(name, champion)
        if serving is not None:
            self._client.set_registered_model_alias(name, CHAMPION, serving.version)

    def record_window(self, run_id: str | None, day: date, at: datetime, figures: Mapping[str, float]) -> None:
        """Metrics of the version's run, at the day's number since 1970-01-01. Raises TrackingFailed."""
        from mlflow.exceptions import MlflowException

        if run_id is None:
            raise TrackingFailed("the version was trained without MLflow and has no run")
        try:
            record_figures(self._client, run_id, day, at, figures)
        except MlflowException as error:
            raise TrackingFailed(str(error)) from error

    def _experiment(self, model: str) -> str:
        found = self._ensure(
            lambda: self._client.get_experiment_by_name(model),
            lambda: self._client.create_experiment(model, artifact_location=f"{self._address}/{model}/runs"),
        )
        return found if isinstance(found, str) else str(found.experiment_id)

    def _run(self, experiment: str, manifest: VersionManifest) -> "Run | None":
        found = self._client.search_runs([experiment], f"tags.training_key = '{manifest.training_key}'", max_results=1)
        return found[0] if found else None

    def _fill(self, run_id: str, at: int, manifest: VersionManifest) -> None:
        """Record a run's metrics, parameters and tags at the run's own time (ms), so that repeating changes nothing."""
        from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

        metrics = [
            Metric(f"{split}_{name}".replace("/", "_"), value, at, 0)
            for split, measured in manifest.metrics.items()
            for name, value in measured.items()
        ]
        metrics += [
            Metric(f"test_{name}_{end}", value, at, 0)
            for name, found in manifest.estimates.items()
            if found.interval
            for end, value in (("low", found.interval.low), ("high", found.interval.high))
        ]
        parameters = {"candidate": manifest.candidate, "seed": manifest.seed, **manifest.parameters}
        params = [Param(name, str(value)[:MAX_PARAMETER]) for name, value in parameters.items()]
        tags = [
            RunTag("code_sha256", manifest.code.sha256),
            RunTag("mlflow.source.git.commit", manifest.code.commit),
            *(RunTag(f"gate/{gate.name}", _evidence(gate)) for gate in manifest.gates),
        ]
        self._client.log_batch(run_id, metrics=metrics, tags=tags)
        for some in batched(params, MAX_PARAMETERS, strict=False):
            self._client.log_batch(run_id, params=some)
        source = json.dumps({"uri": manifest.dataset.uri})
        dataset = Dataset(manifest.dataset.uri.rpartition("/")[2], manifest.dataset.sha256[:36], "s3", source)
        self._client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])

    def _show(self, run_id: str, files: Mapping[str, bytes]) -> None:
        """The card and the plots as the run's artifacts."""
        shown = sorted(filter(SHOWN.fullmatch, files))
        if not shown:
            return
        with TemporaryDirectory() as folder:
            for name in shown:
                file = Path(folder) / name
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(files[name])
            self._client.log_artifacts(run_id, folder)

    def _registered(self, name: str, version: int) -> "ModelVersion | None":
        found = self._client.search_model_versions(f"name = '{name}'")
        return next((each for each in found if each.tags.get("version") == str(version)), None)

    def _ensure(self, find: Callable[[], Any], create: Callable[[], Any]) -> Any:
        """What is found, else what is created, else what another training created in the meantime."""
        from mlflow.exceptions import MlflowException

        missing, exists = "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS"
        try:
            found = find()
        except MlflowException as error:
            if error.error_code != missing:
                raise
            found = None
        if found is not None:
            return found
        try:
            return create()
        except MlflowException as error:
            if error.error_code != exists:
                raise
            return find()


def _evidence(gate: Gate) -> str:
    """Whether a gate was passed, and why, in as many characters as a tag may have."""
    return f"{'passed' if gate.passed else 'failed'}: {gate.detail or gate.observed}"[:MAX_TAG]


def open_mirror(tracking_uri: str, address: str, environ: MutableMapping[str, str]) -> "MlflowMirror | NoMirror":
    """The mirror at a tracking server's address; none if it's empty. Only then is MLflow imported: it takes 1.5 s.

    MLflow's client reads its timeouts and retries from the process's environment: those missing in `environ` are set.
    """
    if not tracking_uri:
        return NoMirror()
    for name, value in RETRIES.items():
        environ.setdefault(name, value)
    from mlflow import MlflowClient

    return MlflowMirror(MlflowClient(tracking_uri, registry_uri=tracking_uri), address)


def register_version(mirror: Mirror, manifest: VersionManifest, aliases: Aliases) -> None:
    """Register a version in the mirror, and repeat it until the champion is still the same afterwards.

    Two processes that move the champion at once reach the mirror in any order; the last to check sees the registry's.
    """
    champion = champion_version(aliases)
    while True:
        mirror.register(manifest, champion)
        registered, champion = champion, champion_version(aliases)
        if registered == champion:
            return
