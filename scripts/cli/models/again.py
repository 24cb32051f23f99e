"""A version trained again, in a registry of its own, and held against what is recorded."""

import sys
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version as library_version
from typing import Any

from cli.stack import progress_console
from mlops.artifact.names import CONTRACT, ESTIMATOR, GOLDEN, MODEL, PROFILE, TRAINING_ROWS
from mlops.data.row_digests import PUBLIC_TRAINING_ROWS
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.store import open_store
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec
from mlops.tracking.mirror import NoMirror
from mlops.training.artifacts.package import GOLDEN_ROWS
from mlops.training.flow import Trainer, Upload

# What a training writes from its data, code and seed alone; other files tell the time of the training too.
REPEATABLE = (MODEL, ESTIMATOR, GOLDEN, PROFILE, CONTRACT, "MLmodel", TRAINING_ROWS, PUBLIC_TRAINING_ROWS)


def train_again(manifest: Manifest, spec: ModelSpec, content: bytes) -> dict[str, Any]:
    """Train on the content by the spec, in memory; which files are the same, and what else may differ."""
    dataset = manifest.dataset
    with progress_console.status("training again …") as status:
        trainer = Trainer(
            store=open_store("memory://"),
            mirror=NoMirror(),
            load_for_serving=partial(Scorer.load, max_rows=GOLDEN_ROWS),
            now=lambda: datetime.now(UTC),
            progress=lambda step: status.update(f"training again: {step} …"),
            # However long it takes here: only time could change what is found.
            earlier=manifest.search,
        )
        upload = Upload(uri=dataset.uri, s3_version=dataset.s3_version, content=content)
        again = trainer.train(upload, spec, manifest.code).manifest
    files = {name: again.files.get(name) == manifest.files[name] for name in REPEATABLE if name in manifest.files}
    return {
        "model": manifest.model,
        "version": manifest.version,
        "identical": files[MODEL],
        "files": files,
        "sha256": {"recorded": manifest.files[MODEL].sha256, "reproduced": again.files[MODEL].sha256},
        "metrics": {"recorded": manifest.metrics["test"], "reproduced": again.metrics["test"]},
        "code": manifest.code.model_dump(),
        "other_libraries": _other_libraries(manifest),
    }


def _other_libraries(manifest: Manifest) -> dict[str, dict[str, str]]:
    """The libraries that have another version here than where the version was trained."""
    here = {name: library_version(name) for name in manifest.libraries if name != "python"}
    here["python"] = ".".join(map(str, sys.version_info[:3]))
    recorded = manifest.libraries
    return {name: {"recorded": recorded[name], "here": here[name]} for name in recorded if recorded[name] != here[name]}
