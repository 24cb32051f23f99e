"""The contract tests that read only are tests that exist."""

import re

from delivery.smoke import READ_ONLY, WITHOUT_A_MODEL
from tests.unit.delivery.conftest import ROOT


def test_the_tests_that_read_only_are_there() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests/contract").glob("test_*.py"))
    assert {*READ_ONLY} <= {*re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
    assert {*WITHOUT_A_MODEL} < {*READ_ONLY}
