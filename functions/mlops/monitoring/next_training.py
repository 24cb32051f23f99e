"""When a model is trained again by itself next, as far as it's known: what people are shown ahead of it."""

from datetime import timedelta

from mlops.monitoring.due import GRACE
from mlops.monitoring.incidents.messages import cooled_down
from mlops.monitoring.learning.learner import Learned, Learner
from mlops.monitoring.state import MonitoringState, NextTraining
from mlops.records.window import Window
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.spec.monitoring import Monitoring

_DAY = timedelta(days=1)


def plan_retraining(state: MonitoringState, champion: int, rules: Monitoring, delay: timedelta) -> NextTraining | None:
    """When an incident's dataset may be assembled; None without one that may still have the model trained again.

    That's decided with each day that is looked at: `delay` and GRACE after its end.
    """
    incident = state.open_incident
    if incident is None or state.daily is None or not rules.retrain or champion != incident.version:
        return None
    if incident.retraining is not None or incident.status != "open":
        return None
    end = Window.parse(state.daily).end + _DAY
    if state.retrained_at is not None:
        while end < cooled_down(state.retrained_at, rules):
            end += _DAY
    return NextTraining(due=end + delay + GRACE, source="feedback")


def plan_learning(learner: Learner, manifest: RecommenderManifest, learned: Learned | None) -> NextTraining | None:
    """When a recommender's events may become a dataset, after what came of the last try; None if a person has to act.

    Raises what the data bucket and SpecInvalid raise.
    """
    if learned and learned.refused:
        return None
    due = learner.next_due(manifest)
    return NextTraining(due=due, source="events", waits=learned.waiting if learned else None) if due else None
