"""What runs side by side: unit tests by file, integration tests, and one world at a time."""

import pytest

from tests.workers import share


def test_unit_tests_are_shared_by_file() -> None:
    assert share("tests/unit/cli/test_rows.py::test_a[x/y::z]") == "tests/unit/cli/test_rows.py"
    assert share("tests/unit/cli/test_new.py::test_a") != share("tests/unit/cli/test_rows.py::test_a")
    local = "scripts/localaws/tests/unit/test_clock.py"
    assert share(f"{local}::test_a") == local


@pytest.mark.parametrize("folder", ["tests/e2e", "tests/contract", "scripts/localaws/tests/integration", "tests/sam"])
def test_what_starts_a_local_aws_stays_in_one_worker(folder: str) -> None:
    assert share(f"{folder}/test_a.py::test_a") == share("scripts/localaws/tests/integration/metrics/test_b.py::test_b")


def test_integration_tests_have_a_worker_of_their_own() -> None:
    one, other = (share(f"tests/integration/{part}/test_a.py::test_a") for part in ("serving", "training"))
    assert one == other != share("tests/e2e/test_a.py::test_a")
