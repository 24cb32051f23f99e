"""A version of whatever kind → what answers by it. That of recommenders is imported only where there is one."""

from typing import TYPE_CHECKING

from mlops.errors.registry import KindMismatch
from mlops.registry.manifest.manifest import TABLE
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer

if TYPE_CHECKING:
    from mlops.registry.versions import AnyManifest
    from mlops.serving.recommender import Recommender

    type Served = Scorer | Recommender


def load_version(versions: Versions, number: int, max_rows: int) -> "Served":
    """Read a version and try it on its golden answers. Raises VersionNotFound, or ArtifactInvalid with the reason."""
    return load_files(versions, versions.manifest(number), max_rows)


def load_files(versions: Versions, manifest: "AnyManifest", max_rows: int) -> "Served":
    """Read the files of a version whose manifest was read. Raises ArtifactInvalid with the reason."""
    if manifest.kind == TABLE:
        return Scorer.load_files(versions, manifest, max_rows)
    from mlops.serving.recommender import Recommender

    return Recommender.load_files(versions, manifest)


def check_table(served: "Served") -> Scorer:
    """The version, if it answers rows of a table. Raises KindMismatch."""
    if isinstance(served, Scorer):
        return served
    manifest = served.manifest
    raise KindMismatch(manifest.model, manifest.version, manifest.kind, TABLE)
