"""What an incident of a recommender learns from: the events until then, without waiting for the next time."""

from datetime import datetime

from mlops.monitoring.incident import Retraining
from mlops.monitoring.learning.learner import Learner
from mlops.registry.manifest.recommender import RecommenderManifest


def learn_for(learner: Learner, manifest: RecommenderManifest, until: datetime) -> tuple[Retraining | None, str | None]:
    """The dataset of a champion's events until a time as an incident's retraining, or None and why it has to wait.

    Raises what Learner raises.
    """
    learned = learner.learn_until(manifest, until)
    if learned.waiting:
        return None, learned.waiting
    if learned.refused:
        return Retraining(refused=learned.refused, until=until), None
    return Retraining(key=learned.key, rows=learned.rows, new_rows=learned.new_rows, until=until), None
