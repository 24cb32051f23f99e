"""Gates on the data: what contradicts what was known is for a person to decide."""

from collections.abc import Iterator, Sequence

import numpy as np

from mlops.recommend.data.catalog import Items
from mlops.recommend.interactions import Interactions
from mlops.registry.manifest.manifest import Gate, VersionManifest

LEAST_SIZE = 0.5
"""A dataset with a smaller share of an earlier one's interactions may have lost some."""
LEAST_LISTED = 0.5
"""A catalogue with items of a smaller share of the latest interactions may be another shop's, or have other ids."""
LATEST = 0.1
"""The share of the interactions that are the latest: old ones are of items that are gone."""


def gate_size(interactions: Interactions, earlier: Sequence[VersionManifest]) -> Iterator[Gate]:
    """There are about as many interactions as there were."""
    if not earlier:
        return
    largest = max(earlier, key=lambda manifest: manifest.dataset.rows)
    before, now = largest.dataset.rows, len(interactions)
    detail = f"the dataset has {now:,} interactions, and that of version {largest.version} had {before:,}"
    passed = now >= LEAST_SIZE * before
    yield Gate(
        name="size",
        passed=passed,
        observed=now,
        required=round(LEAST_SIZE * before),
        detail=detail,
        approvable=not passed,
    )


def gate_catalog(interactions: Interactions, items: Items) -> Gate:
    """The catalogue lists the items that people take lately."""
    since = np.quantile(interactions.time, 1 - LATEST)
    share = float(items.listed[interactions.item[interactions.time >= since]].mean())
    detail = f"the catalogue lists the items of {share:.1%} of the latest interactions; {LEAST_LISTED:.0%} are required"
    passed = share >= LEAST_LISTED
    return Gate(
        name="catalogue",
        passed=passed,
        observed=share,
        required=LEAST_LISTED,
        detail=detail,
        approvable=not passed,
    )
