"""Digests of what a training depends on: the dataset's content, and the code."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

# The parts of mlops/ that a version depends on: what the flows of training and model specs import, and read.
# A test compares them with the import graph.
PARTS = (
    "__init__.py",
    "artifact",
    "contract.py",
    "data",
    "errors",
    "evaluation",
    "intake",
    "interactions.py",
    "monitoring/__init__.py",
    "monitoring/answers.py",
    "monitoring/drift",
    "pages",
    "privacy.py",
    "recommend",
    "registry",
    "spec",
    "tracking",
    "training",
)
# Of these parts, what a version doesn't depend on: receiving uploads, reports, drafts of specs, the challenger's alias,
# errors of other stages, and what people ask of versions that exist, and of drift.
NOT_IN_A_VERSION = (
    "artifact/recommender/answering.py",
    "data/bucket.py",
    "data/difference.py",
    "data/inference",
    "data/json_cells.py",
    "data/keys.py",
    "data/row_changes.py",
    "errors/authorization.py",
    "errors/batch.py",
    "errors/console.py",
    "errors/monitoring.py",
    "errors/operations.py",
    "errors/records.py",
    "evaluation/off_policy.py",
    "intake/catalogs.py",
    "intake/flow.py",
    "intake/larger.py",
    "intake/log.py",
    "intake/progress.py",
    "intake/report.py",
    "monitoring/drift/between.py",
    "monitoring/drift/describe.py",
    "recommend/draft",
    "recommend/version_comparison.py",
    "registry/challenge.py",
    "registry/fallbacks.py",
    "training/evaluation/version_comparison.py",
    "training/provenance.py",
    "training/reproduction.py",
    "training/trained_rows.py",
    "training/version_changes.py",
)


def digest_content(content: bytes) -> str:
    """SHA-256 of a dataset's bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_code(root: Path, model: str) -> str:
    """SHA-256 over path and content of the code that makes a version: parts of the library, and the model's spec.

    `root` is the folder that holds `mlops/` and `models/`. Every file counts, such as the model card's template, except
    compiled Python.
    """
    digest = hashlib.sha256()
    for path in sorted([*library_files(root / "mlops"), root / "models" / f"{model.replace('-', '_')}.py"]):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def library_files(library: Path) -> Iterator[Path]:
    """The files of the library that a version depends on."""
    others = [library / name for name in NOT_IN_A_VERSION]
    for part in (library / name for name in PARTS):
        for path in [part, *part.rglob("*")]:
            if path.is_file() and "__pycache__" not in path.parts and not {path, *path.parents} & {*others}:
                yield path


def training_key(model: str, dataset: str, code: str) -> str:
    """The key of a training: trainings with the same key make the same version."""
    return hashlib.sha256(f"{model}\n{dataset}\n{code}".encode()).hexdigest()
