"""A version trained again from its recorded dataset, code and seed, and compared with what is recorded."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as library_version

from mlops.artifact.names import CONTRACT, ESTIMATOR, GOLDEN, HELD_OUT, MODEL, PROFILE, REFERENCES, TRAINING_ROWS
from mlops.data.row_digests import PUBLIC_TRAINING_ROWS
from mlops.intake.training import LoadForServing, Upload
from mlops.registry.manifest.manifest import Code, Manifest
from mlops.registry.store import open_store
from mlops.spec import ModelSpec
from mlops.tracking.mirror import NoMirror
from mlops.training.flow import Trainer

# Files that follow from data, code and seed alone; the others contain the time of the training too.
REPEATABLE = (
    *(MODEL, ESTIMATOR, GOLDEN, PROFILE, CONTRACT, "MLmodel"),
    *(REFERENCES, HELD_OUT, TRAINING_ROWS, PUBLIC_TRAINING_ROWS),
)


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """How a version and the same training done again differ: `files` says of each repeatable file whether it's equal.

    `other_libraries` lists the libraries whose version here isn't the one that the version was trained with.
    """

    model: str
    version: int
    identical: bool
    files: dict[str, bool]
    sha256: dict[str, str]
    metrics: dict[str, dict[str, float]]
    code: Code
    other_libraries: dict[str, dict[str, str]]


def reproduce(
    manifest: Manifest,
    spec: ModelSpec,
    content: bytes,
    load_for_serving: LoadForServing,
    progress: Callable[[str], None],
) -> Reproduction:
    """Train on the content by the spec, in a registry in memory, and compare with the recorded version.

    `progress` gets the name of each step. Raises what `Trainer.train` raises.
    """
    trainer = Trainer(
        store=open_store("memory://"),
        mirror=NoMirror(),
        load_for_serving=load_for_serving,
        now=lambda: datetime.now(UTC),
        progress=progress,
        # The recorded trials are repeated: on a slower machine, time could cut the search elsewhere.
        earlier=manifest.search,
    )
    dataset = manifest.dataset
    upload = Upload(uri=dataset.uri, s3_version=dataset.s3_version, content=content, incident=dataset.incident)
    again = trainer.train(upload, spec, manifest.code).manifest
    files = {name: again.files.get(name) == manifest.files[name] for name in REPEATABLE if name in manifest.files}
    return Reproduction(
        model=manifest.model,
        version=manifest.version,
        identical=files[MODEL],
        files=files,
        sha256={"recorded": manifest.files[MODEL].sha256, "reproduced": again.files[MODEL].sha256},
        metrics={"recorded": manifest.metrics["test"], "reproduced": again.metrics["test"]},
        code=manifest.code,
        other_libraries=_other_libraries(manifest),
    )


def _other_libraries(manifest: Manifest) -> dict[str, dict[str, str]]:
    here = {name: library_version(name) for name in manifest.libraries if name != "python"}
    here["python"] = ".".join(map(str, sys.version_info[:3]))
    recorded = manifest.libraries
    return {name: {"recorded": recorded[name], "here": here[name]} for name in recorded if recorded[name] != here[name]}
