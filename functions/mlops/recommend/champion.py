"""The champion that a candidate is compared with, as the registry has it."""

from mlops.artifact.names import ITEMS, MODEL
from mlops.artifact.recommender.items import Items
from mlops.artifact.recommender.ranking import GraphMismatch, Ranking
from mlops.errors.registry import ArtifactInvalid, KindMismatch, VersionNotFound
from mlops.recommend.evaluation.champion import EarlierVersion, compare_with_version
from mlops.recommend.evaluation.held_out_test import HeldOutTest
from mlops.registry.manifest.evidence import Comparison
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions
from mlops.spec import RecommenderSpec

_EVER = (1 << 63) - 1  # ms, later than any interaction: a version without times may have seen everything


def compare_with(test: HeldOutTest, versions: Versions, number: int, spec: RecommenderSpec) -> Comparison:
    """The comparison of a tested candidate with a version, or the reason why there's none."""
    try:
        earlier = read_earlier(versions, number)
    except (VersionNotFound, ArtifactInvalid, KindMismatch) as error:
        return Comparison(version=number, reason=str(error))
    return compare_with_version(test, earlier, spec)


def read_parameters(manifest: RecommenderManifest) -> dict[str, float]:
    """The hyperparameters of a version. JSON has no infinity: it is a text there."""
    return {name: float(value) for name, value in manifest.parameters.items()}


def read_earlier(versions: Versions, number: int) -> EarlierVersion:
    """A version with its graph and items. Raises VersionNotFound, ArtifactInvalid, or KindMismatch."""
    manifest = versions.recommender(number)
    try:
        ranking, items = Ranking(versions.read(manifest, MODEL)), Items.from_json(versions.read(manifest, ITEMS))
    except (GraphMismatch, ValueError) as error:
        raise ArtifactInvalid(versions.model, number, str(error)) from error
    return EarlierVersion(
        version=number,
        ranking=ranking,
        items=items,
        candidate=manifest.candidate,
        parameters=read_parameters(manifest),
        latest=round(manifest.until.timestamp() * 1000) if manifest.until else _EVER,
    )
