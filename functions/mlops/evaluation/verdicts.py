"""From p-values to verdicts: better, not worse, worse or undecided, on all rows and on each slice."""

from collections.abc import Sequence

import numpy as np

from mlops.registry.manifest.evidence import Difference, Verdict

ALPHA = 0.025
NOT_WORSE_ALPHA = 0.05
"""How often a candidate that is worse by the margin may pass as not worse."""


def conclude(found: Difference) -> Difference:
    """The difference with the verdict that its p-values lead to."""
    verdict: Verdict = "undecided"
    if found.p_better <= found.alpha:
        verdict = "better"
    elif found.p_not_worse <= NOT_WORSE_ALPHA:
        verdict = "not worse"
    elif found.p_worse <= found.alpha:
        verdict = "worse"
    return found.model_copy(update={"verdict": verdict})


def conclude_slices(parts: Sequence[Difference]) -> tuple[Difference, ...]:
    """The same of slices, the p-values for gain and harm Holm-adjusted (Scandinavian Journal of Statistics 6, 1979).

    The chance that any slice is called better, or harmed, by luck alone stays below alpha. Being not worse isn't
    adjusted: a claim about all slices needs each of them.
    """
    better = holm([part.p_better for part in parts])
    worse = holm([part.p_worse for part in parts])
    return tuple(
        conclude(part.model_copy(update={"p_better": gain, "p_worse": harm}))
        for part, gain, harm in zip(parts, better, worse, strict=True)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given."""
    total = len(p_values)
    adjusted = [0.0] * total
    so_far = 0.0
    for step, place in enumerate(np.argsort(p_values, kind="stable")):
        so_far = max(so_far, min(1.0, (total - step) * p_values[place]))
        adjusted[place] = so_far
    return adjusted
