"""Gates on held-out interactions: the spec's floors, better than what's popular, and what leaving out weights costs."""

from collections.abc import Iterator, Mapping

from mlops.evaluation.gates.champion import GOOD_ENOUGH, Ground
from mlops.registry.manifest.evidence import Comparison, Difference, Estimate
from mlops.registry.manifest.manifest import Gate
from mlops.spec import RecommenderSpec


def gate_floors(estimates: Mapping[str, Estimate], spec: RecommenderSpec) -> Iterator[Gate]:
    """One gate a floor; the value itself must reach it."""
    for name, floor in spec.floors.items():
        value = estimates[name].value
        shown = "isn't defined" if value is None else f"is {value:.4f}"
        detail = f"{name}@{spec.k} on held-out interactions {shown}; at least {floor:g} is required"
        passed = value is not None and value >= floor
        yield Gate(name=f"floor/{name}", passed=passed, observed=value, required=floor, detail=detail)


def gate_baseline(better: Difference) -> Gate:
    """It's significantly better than showing everybody what is popular of late."""
    detail = (
        f"{better.metric} on held-out interactions of {better.rows:,} users is {better.candidate:.4f}, and "
        f"{better.champion:.4f} for what is popular of late; the gain is between {better.low:+.4f} and "
        f"{better.high:+.4f}"
    )
    passed = better.verdict == "better"
    observed = "better" if passed else "no better"
    return Gate(name="baseline", passed=passed, observed=observed, required="better", detail=detail)


def gate_pruning(pruning: Difference | None) -> Gate:
    """What's served is as good as the same model with all its weights."""
    if pruning is None:
        return Gate(name="pruning", passed=True, observed="none", detail="the model is served with all its weights")
    detail = (
        f"{pruning.metric} is {pruning.candidate:.4f} with the weights that are served, and {pruning.champion:.4f} "
        f"with all; the loss is at most {max(0.0, -pruning.low):.4f}, and the margin is {pruning.margin:g}"
    )
    passed = pruning.verdict in GOOD_ENOUGH
    return Gate(name="pruning", passed=passed, observed=pruning.verdict, required="not worse", detail=detail)


def _describe_users(found: Comparison) -> str:
    if found.fresh_rows:
        return " (the version itself answered them, since all that it learnt is older than what is held out)"
    return " (both procedures, fitted to the same interactions)"


USERS = Ground("users whose held-out interactions neither has seen", _describe_users)
"""What recommenders are compared on."""
