"""Two versions of a recommender on the same users, for people."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mlops.errors.training import Incomparable
from mlops.recommend.champion import compare_with, read_parameters
from mlops.recommend.data.load import load_interactions
from mlops.recommend.learn import retest
from mlops.registry.manifest.evidence import Comparison, Difference, Estimate
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions
from mlops.spec import RecommenderSpec


@dataclass(frozen=True)
class RecommenderComparison:
    """The second of two `versions` compared with the first on held-out interactions of a `dataset`.

    `estimates` are the second one's, by its procedure fitted to what isn't held out. `itself` says whether the first
    one answered itself, and not its procedure, fitted to the same.
    """

    versions: tuple[int, int]
    dataset: str
    overall: Difference
    slices: tuple[Difference, ...]
    estimates: dict[str, Estimate]
    itself: bool

    def to_dict(self) -> dict[str, Any]:
        """As a document."""
        return {
            **asdict(self),
            "overall": self.overall.model_dump(),
            "slices": [part.model_dump() for part in self.slices],
            "estimates": {name: found.model_dump() for name, found in self.estimates.items()},
        }


def compare_recommenders(
    versions: Versions,
    manifests: tuple[RecommenderManifest, RecommenderManifest],
    content: bytes,
    name: str,
    spec: RecommenderSpec,
    now: datetime,
) -> RecommenderComparison:
    """Compare on a dataset's bytes; `name` is its address. Raises Incomparable, and what reading and fitting raise."""
    first, second = manifests
    interactions = load_interactions(content, name, spec, now).interactions
    test = retest(second.candidate, read_parameters(second), interactions, spec)
    found: Comparison = compare_with(test, versions, first.version, spec)
    if found.overall is None:
        raise Incomparable(found.reason or "there is nothing to compare them on")
    return RecommenderComparison(
        versions=(first.version, second.version),
        dataset=name,
        overall=found.overall,
        slices=found.slices,
        estimates=test.estimates,
        itself=found.fresh_rows > 0,
    )
