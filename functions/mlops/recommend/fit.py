"""A candidate fitted to interactions, in the form in which it's served."""

from mlops.recommend.candidates.catalog import CATALOG, Parameters
from mlops.recommend.forms import fit_to_size
from mlops.recommend.interactions import Interactions
from mlops.recommend.models import ItemModel
from mlops.spec.recommender import RecommenderSpec


def fit(
    candidate: str, parameters: Parameters, interactions: Interactions, spec: RecommenderSpec
) -> tuple[ItemModel, ItemModel]:
    """The model as it's served, and as it was fitted, which is the same one if it's small enough.

    Raises EstimatorFailed where the parameters don't allow a solution.
    """
    matrix = interactions.histories().matrix
    fitted = CATALOG[candidate].fit(interactions, matrix, parameters, spec.seed)
    return fit_to_size(fitted, spec.limits.size_mb), fitted
