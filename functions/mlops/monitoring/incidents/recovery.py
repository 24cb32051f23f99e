"""When a model is well again."""

from mlops.evaluation.metrics.catalog import find_metric
from mlops.monitoring.facts import VersionFacts, WindowFacts
from mlops.monitoring.incident import Incident
from mlops.registry.manifest.manifest import Manifest


def find_recovery(incident: Incident, version: VersionFacts, facts: WindowFacts, manifest: Manifest) -> str | None:
    """Why the model is well again, or None."""
    if version.version != incident.version:
        if incident.cause == "drift":
            looked, unwell = bool(version.columns), any(column.drifted for column in version.columns)
        else:
            looked, unwell = bool(version.losses), any(loss.alarm for loss in version.losses)
        if looked and not unwell:
            return f"version {version.version} is champion, and {facts.window} shows no loss of it"
        return None
    if incident.cause == "drift":
        if version.columns and not any(column.drifted for column in version.columns):
            return f"no column of {facts.window} is drifted"
        return None
    return _find_return(incident, version, facts, manifest)


def _find_return(incident: Incident, version: VersionFacts, facts: WindowFacts, manifest: Manifest) -> str | None:
    """Whether the same version's performance is back within the margin, for sure: the whole interval must be."""
    alarm = next((loss for loss in version.losses if incident.loss and loss.metric == incident.loss.metric), None)
    if alarm is None:
        return None
    if version.realised and (change := version.realised.overall.changes.get(alarm.metric)):
        back = change.low is not None and change.low >= -alarm.margin
        return f"{alarm.metric} of {facts.window} is back within the margin, on {change.rows:,} rows" if back else None
    estimated = version.estimated.get(alarm.metric)
    if incident.cause != "estimated loss" or estimated is None or estimated.low is None or estimated.high is None:
        return None
    sign = find_metric(alarm.metric, manifest.contract.target.task).sign
    worst = min(sign * estimated.low, sign * estimated.high) - sign * alarm.trained
    return (
        f"the estimated {alarm.metric} of {facts.window} is back within the margin" if worst >= -alarm.margin else None
    )
