"""Digests of what a training depends on: the dataset's content, and the code."""

import hashlib
from pathlib import Path, PurePath


def digest_content(content: bytes) -> str:
    """SHA-256 of a dataset's bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_code(root: Path, model: str) -> str:
    """SHA-256 over path and content of what makes a version: the library without serving, and the model's spec.

    `root` is the folder that holds `mlops/` and `models/`. All that lies in the library counts, such as the model
    card's template; only what running it leaves there doesn't.
    """
    library = [path for path in (root / "mlops").rglob("*") if path.is_file() and _counts(path.relative_to(root))]
    digest = hashlib.sha256()
    for path in sorted([*library, root / "models" / f"{model.replace('-', '_')}.py"]):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _counts(path: PurePath) -> bool:
    return not {"serving", "__pycache__"} & set(path.parts)


def training_key(model: str, dataset: str, code: str) -> str:
    """What a training is known by: trainings with the same key make the same version."""
    return hashlib.sha256(f"{model}\n{dataset}\n{code}".encode()).hexdigest()
