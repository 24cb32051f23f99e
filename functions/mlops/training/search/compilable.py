"""Candidates that couldn't be compiled are refused before any of them is fitted."""

from collections.abc import Iterator
from typing import Any

from mlops.spec import ModelSpec
from mlops.spec.search_space import Between, as_candidate
from mlops.training.compile import check_compilable
from mlops.training.search.estimators import make_estimator


def check_candidates(spec: ModelSpec) -> None:
    """Raise CompilationFailed, which names candidate and step, if some trial's model couldn't be compiled exactly."""
    for name, given in spec.candidates.items():
        candidate = as_candidate(given)
        for parameters in _variants(candidate.search):
            chosen = "".join(f", {key}={value!r}" for key, value in parameters.items())
            estimator = make_estimator(candidate.estimator, parameters, spec.seed, spec.min_rows)
            check_compilable(estimator, spec.contract, f"candidate {name!r}{chosen}")


def _variants(space: Any) -> Iterator[dict[str, Any]]:
    """The parameters as the spec has them, and each value to choose from by itself."""
    yield {}
    for key, values in space.items():
        if not isinstance(values, Between):
            yield from ({key: value} for value in values)
