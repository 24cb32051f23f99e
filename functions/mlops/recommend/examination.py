"""The examination of a candidate: its comparison with earlier versions, and every gate in its order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlops.evaluation.gates.champion import gate_champion
from mlops.recommend.champion import compare_with
from mlops.recommend.compile.package import Catalogue
from mlops.recommend.data.catalog import Items
from mlops.recommend.gates.compiled import gate_limits, gate_parity
from mlops.recommend.gates.data import gate_catalog, gate_size
from mlops.recommend.gates.held_out import USERS, gate_baseline, gate_floors, gate_pruning
from mlops.recommend.interactions import Interactions
from mlops.recommend.learn import Learned
from mlops.registry.manifest.evidence import Comparison
from mlops.registry.manifest.manifest import Gate, VersionManifest
from mlops.registry.standard import Standard
from mlops.registry.versions import Versions
from mlops.spec import RecommenderSpec


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What was learnt, from what, and the comparisons with the champion and the best earlier version."""

    learned: Learned
    interactions: Interactions
    items: Items
    has_catalog: bool
    comparison: Comparison | None
    comparison_with_best: Comparison | None
    earlier: tuple[VersionManifest, ...]

    def gates(self, files: Mapping[str, bytes], catalogue: Catalogue, spec: RecommenderSpec) -> Iterator[Gate]:
        """Every gate but "golden", which needs the version's manifest. Raises CompilationFailed."""
        test, histories = self.learned.test, self.interactions.histories()
        yield gate_parity(self.learned.model, files, histories, catalogue, spec.k)
        yield from gate_floors(test.estimates, spec)
        yield gate_baseline(test.better)
        yield gate_pruning(test.pruning)
        consistency = [
            *gate_size(self.interactions, self.earlier),
            *([gate_catalog(self.interactions, self.items)] if self.has_catalog else []),
        ]
        yield from consistency
        # Data that contradict what was known can't show which version is better.
        is_contradicted = not all(gate.passed for gate in consistency)
        yield from gate_champion(self.comparison, self.comparison_with_best, approvable=is_contradicted, ground=USERS)
        yield from gate_limits(files, histories, spec.limits, spec.k)


def examine(
    learned: Learned,
    interactions: Interactions,
    items: Items,
    standard: Standard,
    versions: Versions,
    spec: RecommenderSpec,
    *,
    has_catalog: bool,
) -> Examination:
    """Compare what was learnt with the champion and the best version on the same users."""
    champion, best = standard.champion, standard.best
    return Examination(
        learned=learned,
        interactions=interactions,
        items=items,
        has_catalog=has_catalog,
        comparison=compare_with(learned.test, versions, champion, spec) if champion else None,
        comparison_with_best=(compare_with(learned.test, versions, best, spec) if best and best != champion else None),
        earlier=tuple(versions.manifest(number) for number in {champion, best} if number) if champion else (),
    )
