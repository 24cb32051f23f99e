"""Gates on the compiled graph: it ranks as the item model does, is small and fast, and the serving code accepts it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.history import History
from mlops.artifact.names import GOLDEN, HISTORY_INDEX, ITEMS, MODEL
from mlops.artifact.recommender.golden import read_golden
from mlops.artifact.recommender.ranking import Ranking, feed
from mlops.errors.registry import ArtifactInvalid
from mlops.evaluation.gates.footprint import MEGABYTE, gate_footprint, measure_footprint
from mlops.intake.training import LoadForServing
from mlops.recommend.compile.package import Catalogue
from mlops.recommend.compile.parity import TOLERANCE, largest_deviation
from mlops.recommend.interactions import Histories
from mlops.recommend.models import ItemModel
from mlops.registry.manifest.manifest import Gate, VersionManifest
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from mlops.spec.expectations import Limits

PROBES = 200
"""Histories that the graph and the item model are compared on."""
LOADED = (MODEL, ITEMS, HISTORY_INDEX)
"""What serving loads of a version; the histories themselves are read in parts."""
_LONG = 0.95
_EMPTY = np.empty(0, dtype=np.int64)


def gate_parity(
    model: ItemModel, files: Mapping[str, bytes], histories: Histories, catalogue: Catalogue, k: int
) -> Gate:
    """The graph ranks users' histories as the item model does, the shortest and the longest, and an empty one."""
    probes = [History(_EMPTY, np.empty(0), _EMPTY), *(histories.row(user) for user in _spread(histories, PROBES))]
    off = largest_deviation(Ranking(files[MODEL]), model, probes, k, catalogue.unavailable)
    detail = (
        f"the compiled model's scores differ by at most {off:.2g} on {len(probes)} histories, top {k} and ties included"
    )
    return Gate(name="parity", passed=off <= TOLERANCE, observed=off, required=TOLERANCE, detail=detail)


def gate_limits(files: Mapping[str, bytes], histories: Histories, limits: Limits, k: int) -> Iterator[Gate]:
    """It's small enough to load, and fast on a long history; one gate a limit."""
    lengths = np.diff(histories.matrix.indptr)
    longest = int(np.argsort(lengths, kind="stable")[round(_LONG * (len(lengths) - 1))])
    found = measure_footprint(files[MODEL], feed(histories.row(longest), k))
    size = sum(len(files[name]) for name in LOADED) / MEGABYTE
    yield from gate_footprint(replace(found, size_mb=size), limits)


def gate_golden(load: LoadForServing, manifest: VersionManifest, files: Mapping[str, bytes]) -> Gate:
    """The code that serves loads the version's files from a registry in memory, and answers its golden histories."""
    versions = Versions(open_store("memory://"), manifest.model)
    versions.write(manifest, files)
    try:
        load(versions, manifest.version)
    except ArtifactInvalid as error:
        return Gate(name="golden", passed=False, observed="refused", required="answered", detail=error.reason)
    count = len(read_golden(files[GOLDEN]))
    detail = f"the serving code answers {count} golden histories as the item model does"
    return Gate(name="golden", passed=True, observed="answered", required="answered", detail=detail)


def _spread(histories: Histories, count: int) -> NDArray[np.int64]:
    """So many users with histories from the shortest to the longest, evenly."""
    order = np.argsort(np.diff(histories.matrix.indptr), kind="stable")
    return order[np.unique(np.linspace(0, len(order) - 1, count).round().astype(np.int64))]
