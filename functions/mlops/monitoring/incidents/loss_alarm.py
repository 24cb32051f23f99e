"""What the facts of a day say about a loss: which alarm counts, and how much was lost."""

from mlops.monitoring.facts import Basis, Figure, LossFacts, VersionFacts, WindowFacts
from mlops.monitoring.incident import Loss
from mlops.registry.manifest.manifest import Manifest


def find_version(facts: WindowFacts, number: int) -> VersionFacts | None:
    """What a window says about a version, if it answered then."""
    return next((version for version in facts.versions if version.version == number), None)


def find_alarm(version: VersionFacts, facts: WindowFacts) -> LossFacts | None:
    """The loss that counts: a realised one first, or an estimated one that nothing realised refutes."""
    alarms = [loss for loss in version.losses if loss.alarm]
    for loss in alarms:
        if loss.basis == "realised":
            return loss
    for loss in alarms:
        assessment = version.assessments.get(loss.metric)
        if assessment and not assessment.trustworthy:
            continue
        if not _holds(loss, version, facts):
            return loss
    return None


def _holds(loss: LossFacts, version: VersionFacts, facts: WindowFacts) -> bool:
    """Whether truth of predictions from after the loss began shows that there's none beyond the margin."""
    since = loss.since or facts.window
    realised = [version.realised] if version.realised else []
    realised += [each.realised for each in facts.revisions if each.version == version.version and each.window >= since]
    changes = [each.overall.changes[loss.metric] for each in realised if loss.metric in each.overall.changes]
    return any(change.low is not None and change.low >= -loss.margin for change in changes)


def describe_loss(alarm: LossFacts, version: VersionFacts, facts: WindowFacts, manifest: Manifest) -> Loss | None:
    now = _find_figure(alarm.basis, alarm.metric, version, facts)
    if now is None:
        return None
    estimate = manifest.estimates.get(alarm.metric)
    interval = estimate.interval if estimate else None
    trained = Figure(
        value=alarm.trained,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        level=interval.level if interval else 0.95,
        rows=estimate.rows if estimate else 0,
    )
    since = alarm.since or facts.window
    return Loss(basis=alarm.basis, metric=alarm.metric, trained=trained, now=now, since=since, margin=alarm.margin)


def _find_figure(basis: Basis, metric: str, version: VersionFacts, facts: WindowFacts) -> Figure | None:
    """The metric now; where truth comes late, that of the latest earlier day which got some."""
    if basis == "estimated":
        return version.estimated.get(metric)
    revised = sorted((each.window, each.realised) for each in facts.revisions if each.version == version.version)
    found = [*([version.realised] if version.realised else []), *(realised for _, realised in reversed(revised))]
    return next((each.overall.metrics[metric] for each in found if metric in each.overall.metrics), None)
