"""The compiled model must be the estimator's function, and be taken by the code that serves."""

import math

from obstore.store import MemoryStore

from mlops.errors.registry import ArtifactInvalid
from mlops.registry.versions import Versions
from mlops.training.compile import Parity
from mlops.training.gates.compiled import gate_golden, gate_parity

VERSIONS = Versions(MemoryStore(), "leaves")


def test_parity_passes_within_its_tolerance_only() -> None:
    assert gate_parity(Parity(1e-6, 10, None)).passed
    assert not gate_parity(Parity(1.1e-6, 10, {})).passed
    assert not gate_parity(Parity(math.inf, 10, {})).passed


def test_a_version_that_the_serving_code_refuses_fails_with_its_reason() -> None:
    def refuse(versions: Versions, number: int) -> None:
        raise ArtifactInvalid(versions.model, number, "it misses its golden rows by 0.3")

    gate = gate_golden(refuse, VERSIONS, 1, 32)
    assert (gate.passed, gate.detail) == (False, "it misses its golden rows by 0.3")
    assert gate_golden(lambda _versions, _number: None, VERSIONS, 1, 32).passed
