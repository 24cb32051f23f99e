"""The model is shown to be as good as the champion and as the best earlier version, and worse on no slice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mlops.registry.manifest.evidence import Comparison, Difference
from mlops.registry.manifest.manifest import Gate

NAME = "champion"
BEST = "champion/best version"
GOOD_ENOUGH = ("better", "not worse")


@dataclass(frozen=True)
class Ground:
    """What two versions are compared on: a plural noun, and how it was done, in brackets or nothing."""

    units: str
    describe: Callable[[Comparison], str]


def _describe_rows(found: Comparison) -> str:
    if repeated := found.rows - found.fresh_rows:
        times = f", {found.repeats} times" if found.repeats > 1 else ""
        return (
            f" ({found.fresh_rows} test rows, and {repeated} training rows by fitting both again without them{times})"
        )
    return f" (test rows alone, since {found.not_repeated})" if found.not_repeated else ""


ROWS = Ground("rows that neither was trained on", _describe_rows)
"""What models of tables are compared on."""


def gate_champion(
    found: Comparison | None,
    with_best: Comparison | None = None,
    *,
    approvable: bool = False,
    ground: Ground = ROWS,
) -> Iterator[Gate]:
    """One gate for all rows, one for the slices where there are any, and one for the best version if it's another.

    With too few rows to show it, the champion stays. A slice has fewer rows still: it fails only if the model is
    significantly worse on it. What can't be compared is for a person to decide, and so is the rest if `approvable`.
    """
    if found is None:
        yield Gate(name=NAME, passed=True, observed="none", detail="there is no champion to compare with")
        return
    yield _gate_overall(NAME, found, ground, approvable=approvable)
    if found.slices:
        yield _gate_slices(found, ground, approvable=approvable)
    # The best version may be old, and its dataset gone: then the champion is the standard.
    if with_best is not None and with_best.overall is not None:
        yield _gate_overall(BEST, with_best, ground, approvable=approvable)


def _gate_overall(name: str, found: Comparison, ground: Ground, *, approvable: bool) -> Gate:
    if found.overall is None:
        detail = f"it can't be compared with version {found.version}: {found.reason}"
        return Gate(
            name=name, passed=False, observed="incomparable", required="not worse", detail=detail, approvable=True
        )
    verdict = found.overall.verdict
    difference = _describe(found.overall, ground.units)
    detail = f"{_CONCLUSIONS[verdict]} version {found.version}: {difference}{ground.describe(found)}"
    passed = verdict in GOOD_ENOUGH
    return Gate(
        name=name,
        passed=passed,
        observed=verdict,
        required="not worse",
        detail=detail,
        approvable=approvable and not passed,
    )


def _gate_slices(found: Comparison, ground: Ground, *, approvable: bool) -> Gate:
    harmed = [part for part in found.slices if part.verdict == "worse"]
    least = min(found.slices, key=lambda part: part.difference)
    if harmed:
        detail = f"worse than version {found.version} " + "; ".join(
            f"where {part.where}: {_describe(part, ground.units)}" for part in harmed
        )
    else:
        worst = f"the worst, {least.where}: {_describe(least, ground.units)}"
        detail = f"none of {len(found.slices)} slices is significantly worse; {worst}"
    return Gate(
        name=f"{NAME}/slices",
        passed=not harmed,
        observed="worse" if harmed else "no harm",
        required="no harm",
        detail=detail,
        approvable=approvable and bool(harmed),
    )


_CONCLUSIONS = {
    "better": "better than",
    "not worse": "as good as",
    "undecided": "not shown to be as good as",
    "worse": "worse than",
}


def _describe(found: Difference, units: str) -> str:
    return (
        f"{found.metric} {found.candidate:.4f} against {found.champion:.4f} on {found.rows} {units}; the gain is "
        f"between {found.low:+.4f} and {found.high:+.4f}, and the margin is {found.margin:.3g}"
    )
