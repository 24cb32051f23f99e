"""The compiled model is small and quick enough to serve."""

from collections.abc import Iterator
from dataclasses import asdict

from mlops.registry.manifest.manifest import Gate
from mlops.spec.expectations import Limits
from mlops.training.gates.footprint_probe.measure import Footprint

_WORDS = {
    "size_mb": "the compiled model has {:.3g} MB",
    "load_seconds": "it opens in {:.3g} s",
    "memory_mb": "opening it and answering a row takes {:.3g} MB of memory",
    "latency_ms": "one row takes {:.3g} ms",
}


def gate_footprint(found: Footprint, limits: Limits) -> Iterator[Gate]:
    """One gate a limit."""
    for name, limit in asdict(limits).items():
        seen = float(asdict(found)[name])
        detail = f"{_WORDS[name].format(seen)}; at most {limit:g} is allowed"
        yield Gate(name=f"limit/{name}", passed=seen <= limit, observed=seen, required=limit, detail=detail)
