"""A training's end: the version is recorded as a run of MLflow and written to the registry, once."""

from collections.abc import Callable, Mapping

from mlops.artifact.names import EVIDENCE
from mlops.errors.training import TrainingContested
from mlops.registry.manifest.manifest import VersionManifest
from mlops.registry.versions import Versions, describe
from mlops.tracking.mirror import Mirror


def write_once[M: VersionManifest](
    found: M,
    finish: Callable[[M, bytes], Mapping[str, bytes]],
    versions: Versions,
    mirror: Mirror,
    progress: Callable[[str], None],
) -> None:
    """Write a version with the manifest of its first attempt: attempts measure other times, a version has one.

    `finish` gives all files of the version, from that manifest and its JSON. Raises TrainingContested if the first
    attempt had other files.
    """
    evidence = versions.pin(found.version, EVIDENCE, found.model_dump_json(indent=2).encode())
    manifest = type(found).model_validate_json(evidence)
    if manifest.files != found.files:
        raise TrainingContested(found.model, found.version)
    files = finish(manifest, evidence)
    manifest = manifest.model_copy(update={"files": {name: describe(content) for name, content in files.items()}})
    progress("record the run and write the version")
    run = mirror.record(manifest, files)
    if run is None:
        progress("no MLflow is configured (MLFLOW_TRACKING_URI): the version is in the registry alone")
    versions.write(manifest.model_copy(update={"mlflow_run_id": run}), files)
