"""The page of a window from its facts and the registry, as monitoring's flow needs it."""

from collections.abc import Mapping, Sequence

from mlops.artifact.names import REFERENCES
from mlops.monitoring.drift import Reference
from mlops.monitoring.drift.files import load_references
from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident
from mlops.monitoring.report.inputs import Background, Report
from mlops.monitoring.report.page import render_report
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions


class Renderer:
    """Renders reports of the models of a registry."""

    def __init__(self, registry: Store) -> None:
        self._registry = registry

    def __call__(self, history: Sequence[WindowFacts], incidents: Sequence[Incident]) -> bytes:
        """The page of the last window of a history, oldest first; the model's incidents are those by then.

        Promotions after the window are left out: the page of a window that's looked at again is the same. Raises what
        reading the registry raises.
        """
        *earlier, facts = history
        report = Report(facts, tuple(earlier), tuple(incidents))
        alias = Aliases(self._registry, facts.model).find(CHAMPION)
        moves = tuple(move for move in alias.history if move.at < report.end) if alias else ()
        return render_report(Report(facts, tuple(earlier), tuple(incidents), moves, self._backgrounds(report)))

    def _backgrounds(self, report: Report) -> Mapping[int, Background]:
        if report.subject is None:
            return {}
        versions = Versions(self._registry, report.facts.model)
        manifest = versions.table(report.subject.version)
        return {manifest.version: read_background(versions, manifest)}


def read_background(versions: Versions, manifest: Manifest) -> Background:
    """A version as it was trained. Raises what reading the registry raises."""
    return Background(manifest.contract, _references(versions, manifest))


def _references(versions: Versions, manifest: Manifest) -> Mapping[str, Reference]:
    """The version's drift references; none if it was trained before there were any."""
    return load_references(versions.read(manifest, REFERENCES)) if REFERENCES in manifest.files else {}
