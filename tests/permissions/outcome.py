"""Whether a test has passed, for fixtures that look at what it did once it's over."""

from collections.abc import Generator

import pytest

_PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep whether the test itself passed."""
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


def has_passed(item: pytest.Item) -> bool:
    """Whether the test has run and passed: what failed, or never began, has done only a part of what it does."""
    return item.stash.get(_PASSED, False)
