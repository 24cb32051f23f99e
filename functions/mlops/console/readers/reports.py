"""A model's report as of now: the same that monitoring writes each day, over the days that it has looked at."""

from collections.abc import Callable

from mlops.console.readers.cache import Cache
from mlops.console.readers.differences import DatasetDifference, Trained, compare_datasets
from mlops.console.readers.monitoring import DAYS, Monitoring
from mlops.console.readers.registry import Registry
from mlops.errors.registry import ArtifactInvalid, VersionNotFound
from mlops.monitoring.report.headline import Headline, write_headline
from mlops.monitoring.report.inputs import Background, Report
from mlops.monitoring.report.renderer import read_background
from mlops.registry.aliases import Move
from mlops.registry.manifest.manifest import TABLE, Manifest

OVERVIEW_DAYS = 14
_MINUTE, _HALF_HOUR = 60.0, 1800.0


class Reports:
    """Puts reports together from what the registry and monitoring have."""

    def __init__(self, registry: Registry, monitoring: Monitoring, cache: Cache) -> None:
        self._registry, self._monitoring, self._cache = registry, monitoring, cache

    def short(self, model: str) -> Report | None:
        """The last days, without what pictures of columns need; None if no day was looked at."""
        days = self._monitoring.days(model, OVERVIEW_DAYS)
        if not days:
            return None
        incident = self._monitoring.state(model).incident
        return Report(days[-1], tuple(days[:-1]), (incident,) if incident else (), self._moves(model))

    def full(self, model: str) -> Report | None:
        """All days that a report shows, with incidents and the training rows' distributions."""
        days = self._monitoring.days(model, DAYS)
        if not days:
            return None
        report = Report(days[-1], tuple(days[:-1]), tuple(self._monitoring.incidents(model)), self._moves(model))
        if report.subject is None or days[-1].recommendations is not None:
            return report
        number = report.subject.version
        background = self.background(model, number)
        versions = {number: background} if background else {}
        return Report(report.facts, report.history, report.incidents, report.moves, versions)

    def trained(self, model: str, manifest: Manifest) -> Trained:
        """A version with the references of its training rows, if it can be read and has any."""
        return Trained(manifest, self.background(model, manifest.version) or Background(manifest.contract))

    def difference(self, model: str, before: Manifest, after: Manifest) -> DatasetDifference:
        """How the datasets of two versions differ: versions never change."""
        key = ("difference", model, before.version, after.version)
        return self._cache.get(
            key, _HALF_HOUR, lambda: compare_datasets(self.trained(model, before), self.trained(model, after))
        )

    def views[T](self, report: Report, view: Callable[[Report], T]) -> T:
        """What `view` makes of a report, its drawings above all, as long as the same is known."""
        incident = report.incidents[-1] if report.incidents else None
        known = (report.facts.window, len(report.moves), incident)
        key = ("views", report.facts.model, view, known)
        return self._cache.get(key, _MINUTE, lambda: view(report))

    def _moves(self, model: str) -> tuple[Move, ...]:
        champion = self._registry.champion(model)
        return champion.history if champion else ()

    def background(self, model: str, number: int) -> Background | None:
        """A version as it was trained; None of one that can't be read any more: its columns have no pictures then."""

        def read() -> Background | None:
            try:
                manifest = self._registry.versions(model).manifest(number)
                return read_background(self._registry.versions(model), manifest) if manifest.kind == TABLE else None
            except (VersionNotFound, ArtifactInvalid):
                return None

        return self._cache.get(("background", model, number), _HALF_HOUR, read)


def headline_of(report: Report | None) -> Headline:
    """Whether a model is well; of a recommender by its clicks."""
    if report is None:
        return Headline("unknown", "Monitoring hasn't looked at a day of it yet.")
    if report.facts.recommendations is not None:
        from mlops.monitoring.recommendations.headline import write_headline as write_recommenders

        return write_recommenders(report.facts, report.incidents)
    return write_headline(report)
