"""What local AWS imports at its start: what few stacks need is imported at its first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Each takes a tenth of a second or ten megabytes at least.
ON_DEMAND = ("duckdb", "jsonschema", "moto.apigateway", "moto.ec2", "moto.ssm", "numpy", "pyarrow", "pydantic")


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """The modules of a process that has imported all of local AWS's server and its services of moto."""
    code = (
        "import sys\nfrom localaws import cloud, services\nfrom localaws.endpoint import preload_services\n"
        "preload_services(services._SERVICES)\nprint(*sys.modules, sep='\\n')"
    )
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("module", ON_DEMAND)
def test_a_slow_import_waits_for_its_first_use(imported: set[str], module: str) -> None:
    assert module not in imported
    assert "moto.s3.models" in imported
