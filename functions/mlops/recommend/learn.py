"""From interactions to a recommender: hold out, search, fit, evaluate, and fit again on everything.

The estimates are of what is learnt without the held-out interactions, in the form that is served. What is served is
then learnt from all of them: the latest interactions say most about what people will take next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mlops.recommend.candidates.catalog import Parameters
from mlops.recommend.candidates.popularity import trending
from mlops.recommend.evaluation.held_out_test import HeldOutTest, evaluate
from mlops.recommend.fit import fit
from mlops.recommend.holdout import hold_out, hold_out_for_search
from mlops.recommend.interactions import Interactions
from mlops.recommend.models import ItemModel
from mlops.recommend.search import Progress, search
from mlops.registry.manifest.search import Search
from mlops.spec.recommender import RecommenderSpec


@dataclass(frozen=True, eq=False)
class Learned:
    """A recommender learnt from all interactions, whose items it knows by their places in `interactions.items`.

    `trending` (int64) are all items, the most popular of late first; `search` is how it was found.
    """

    candidate: str
    parameters: dict[str, float]
    model: ItemModel
    trending: NDArray[np.int64]
    search: Search
    test: HeldOutTest


def learn(interactions: Interactions, spec: RecommenderSpec, progress: Progress) -> Learned:
    """Learn by a spec; one core is used, so that the result doesn't depend on how many there are.

    Raises SpecInvalid for hyperparameters that a candidate doesn't have, and EstimatorFailed where nothing could be
    validated, or too few users could be tested on.
    """
    with threadpool_limits(limits=1):
        task = hold_out(interactions, spec)
        found = search(hold_out_for_search(task.known, spec), spec, progress)
        served, fitted = fit(found.candidate, found.parameters, task.known, spec)
        test = evaluate(served, fitted, (found.candidate, found.parameters), task, spec)
        progress(f"{found.candidate}: {spec.metric}@{spec.k} {test.estimates[spec.metric].value:.4f} on the test users")
        del served, fitted
        model, _ = fit(found.candidate, found.parameters, interactions, spec)
        return Learned(
            candidate=found.candidate,
            parameters=found.parameters,
            model=model,
            trending=trending(interactions, spec.half_life_days),
            search=found.search,
            test=test,
        )


def retest(candidate: str, parameters: Parameters, interactions: Interactions, spec: RecommenderSpec) -> HeldOutTest:
    """The test of a candidate that was found earlier on the same interactions. Raises what `learn` raises."""
    with threadpool_limits(limits=1):
        task = hold_out(interactions, spec)
        served, fitted = fit(candidate, parameters, task.known, spec)
        return evaluate(served, fitted, (candidate, parameters), task, spec)
