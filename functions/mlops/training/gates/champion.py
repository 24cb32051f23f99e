"""The model is shown to be as good as the champion on the same fresh rows, and worse on no slice."""

from collections.abc import Iterator

from mlops.registry.manifest.evidence import Comparison, Difference
from mlops.registry.manifest.manifest import Gate

NAME = "champion"
GOOD_ENOUGH = ("better", "not worse")
BY_HAND = "if the change is intended, promote it by hand"


def gate_champion(found: Comparison | None) -> Iterator[Gate]:
    """One gate for all fresh rows and, where there are slices, one for all of them.

    With too few rows to show it, the champion stays. A slice has fewer rows still: it fails only if the model is
    significantly worse on it.
    """
    if found is None:
        yield Gate(name=NAME, passed=True, observed="none", detail="there is no champion to compare with")
        return
    if found.overall is None:
        detail = f"it can't be compared with version {found.version}: {found.reason}; {BY_HAND}"
        yield Gate(name=NAME, passed=False, observed="incomparable", required="not worse", detail=detail)
        return
    verdict = found.overall.verdict
    detail = f"{_CONCLUSIONS[verdict]} version {found.version}: {_describe(found.overall)}"
    passed = verdict in GOOD_ENOUGH
    yield Gate(name=NAME, passed=passed, observed=verdict, required="not worse", detail=detail)
    if found.slices:
        yield _gate_slices(found)


def _gate_slices(found: Comparison) -> Gate:
    harmed = [part for part in found.slices if part.verdict == "worse"]
    least = min(found.slices, key=lambda part: part.difference)
    if harmed:
        detail = f"worse than version {found.version} " + "; ".join(
            f"where {part.where}: {_describe(part)}" for part in harmed
        )
    else:
        detail = (
            f"none of {len(found.slices)} slices is significantly worse; the worst, {least.where}: {_describe(least)}"
        )
    observed = "worse" if harmed else "no harm"
    return Gate(name=f"{NAME}/slices", passed=not harmed, observed=observed, required="no harm", detail=detail)


_CONCLUSIONS = {
    "better": "better than",
    "not worse": "as good as",
    "undecided": "not shown to be as good as",
    "worse": "worse than",
}


def _describe(found: Difference) -> str:
    return (
        f"{found.metric} {found.candidate:.4f} against {found.champion:.4f} on {found.rows} fresh rows; the gain is "
        f"between {found.low:+.4f} and {found.high:+.4f}, and the margin is {found.margin:.3g}"
    )
