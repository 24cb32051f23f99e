"""The models whose spec or dataset differs between two commits, and the dataset that each is trained on."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from delivery.errors import DeliveryFailed
from delivery.git import git
from examples import EXAMPLES, INTERACTIONS
from mlops.data.read import find_ending

SPECS = "functions/models"
DATASETS = "datasets"
POINTER = ".dvc"
CATALOG = "items"
"""The name of a recommender's catalogue among its datasets, without its ending."""
_MAIN = "origin/main"


@dataclass(frozen=True)
class Changed:
    """A model with its changed files, paths in the repository."""

    model: str
    files: tuple[str, ...]


def find_base(root: Path) -> str:
    """The commit to compare HEAD with: where it left the main branch, or the one before it on the main branch.

    A clone of a pipeline may have its own branch alone, so the main branch is fetched if it isn't there. Without a
    remote `origin` it's HEAD's parent. Raises DeliveryFailed.
    """
    head = git(root, "rev-parse", "HEAD")
    if "origin" in git(root, "remote").splitlines():
        if not git(root, "for-each-ref", f"refs/remotes/{_MAIN}"):
            git(root, "fetch", "--quiet", "origin", f"main:refs/remotes/{_MAIN}")
        base = git(root, "merge-base", "HEAD", _MAIN)
        if base != head:
            return base
    return git(root, "rev-parse", "--verify", "HEAD^")


def find_changes(root: Path, base: str) -> list[Changed]:
    """The models that changed since `base`, by name. A spec or dataset that was deleted is no change of a model."""
    names = git(
        root, "diff", "--name-only", "-z", "--no-renames", "--diff-filter=d", f"{base}...HEAD", "--", SPECS, DATASETS
    )
    found: dict[str, list[str]] = {}
    for name in filter(None, names.split("\0")):
        model = _model_of(PurePosixPath(name))
        if model:
            found.setdefault(model, []).append(name)
    return [Changed(model, tuple(files)) for model, files in sorted(found.items())]


def find_dataset(root: Path, changed: Changed, scratch: Path, pull: Callable[[Path], None] | None = None) -> Path:
    """The file to train a model on. Raises DeliveryFailed if there is none.

    It's the last by name of the datasets that changed, else of all in datasets/<model>/, else the example of that name,
    which is written to `scratch`. A .dvc pointer is resolved by `dvc pull`.
    """
    folder = root / DATASETS / changed.model
    new = [root / name for name in changed.files if name.startswith(f"{DATASETS}/")]
    files = [file for file in (new or sorted(folder.glob("*"))) if _is_dataset(file)]
    if files:
        return _resolve(max(files, key=lambda file: file.name), pull or pull_by_dvc)
    examples = {
        **{name: example.write for name, example in EXAMPLES.items()},
        "recommender": INTERACTIONS["recommender"],
    }
    if changed.model not in examples:
        raise DeliveryFailed(f"There is no dataset for {changed.model}: put one in {DATASETS}/{changed.model}/.")
    scratch.mkdir(parents=True, exist_ok=True)
    return examples[changed.model](scratch)


def find_catalog(dataset: Path) -> Path | None:
    """The catalogue next to a recommender's dataset."""
    found = [file for file in sorted(dataset.parent.glob(f"{CATALOG}.*")) if find_ending(file.name)]
    return found[0] if found else None


def pull_by_dvc(pointer: Path) -> None:
    """Fetch the file that a pointer describes. Raises DeliveryFailed."""
    try:
        status = subprocess.run(["dvc", "pull", pointer.name], cwd=pointer.parent, check=False).returncode
    except FileNotFoundError:
        raise DeliveryFailed(f"{pointer.name} is DVC's, and there's no dvc: uv tool install 'dvc[s3]'.") from None
    if status:
        raise DeliveryFailed(f"dvc pull {pointer.name} ended with status {status}; its output is above.")


def _resolve(file: Path, pull: Callable[[Path], None]) -> Path:
    if file.suffix != POINTER:
        return file
    pull(file)
    return file.with_suffix("")


def _model_of(path: PurePosixPath) -> str | None:
    """The model that a file belongs to."""
    if path.parent == PurePosixPath(SPECS):
        is_spec = path.suffix == ".py" and not path.stem.startswith("_")
        return path.stem.replace("_", "-") if is_spec else None
    is_data = len(path.parts) == 3 and find_ending(path.name.removesuffix(POINTER)) is not None
    return path.parts[1] if is_data else None


def _is_dataset(file: Path) -> bool:
    name = file.name.removesuffix(POINTER)
    return find_ending(name) is not None and name.partition(".")[0] != CATALOG
