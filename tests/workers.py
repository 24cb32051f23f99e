"""How pytest-xdist shares the tests among workers, in which order, and what ends with a share.

One worker does a share, from its first test to its last; then it gets the next share.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

FOLDERS = {
    # They start the whole loop, which they share, and write under `.localaws/`: side by side they'd start it twice, and
    # find each other's address in `.localaws/env`.
    "loop": ("tests/contract/", "tests/e2e/", "tests/sam/"),
    # Nothing outside of their own process and its servers, but layers and environments that are built once.
    "integration": ("tests/integration/",),
    # Local AWSs whose state is in temporary folders. Most tests use the same one.
    "local AWS": ("scripts/localaws/tests/integration/",),
}
"""The shares of several files, those that take longest first: the shorter the last ones, the less a worker waits."""
BROWSER = "tests/browser/"
BY_FILE = (BROWSER, "tests/unit/", "scripts/localaws/tests/unit/")
"""The folders whose files are a share each: their tests touch nothing that another file's might."""


def share(nodeid: str) -> str:
    """The share that a test belongs to. What is in no known folder may write under `.localaws/`, as the loop does."""
    if nodeid.startswith(BY_FILE):
        return nodeid.partition("::")[0]
    return next((name for name, folders in FOLDERS.items() if nodeid.startswith(folders)), "loop")


def in_containers(nodeid: str) -> bool:
    """Whether a test uses the loop in containers, which takes a part of the memory and of the disk while it runs."""
    file, _, parameters = nodeid.partition("[")
    return file.startswith("tests/sam/") or (file.startswith("tests/contract/") and "sam-local" in parameters)


def order(nodeids: Sequence[str]) -> dict[str, tuple[int, int, str, bool]]:
    """The key by which each test is sorted: long shares first.

    After those of FOLDERS, files whose tests take seconds each, and then those of the most tests. Within the share of
    the loop the tests in containers are first.
    """
    shares = {nodeid: share(nodeid) for nodeid in nodeids}
    sizes = Counter(shares.values())
    ranks = {name: rank for rank, name in enumerate(FOLDERS)}

    def key(nodeid: str, name: str) -> tuple[int, int, str, bool]:
        rank = ranks.get(name, len(ranks) if name.startswith(BROWSER) else len(ranks) + 1)
        return rank, -sizes[name], name, not in_containers(nodeid)

    return {nodeid: key(nodeid, name) for nodeid, name in shares.items()}


def ends_fixtures(nodeid: str, following: str) -> bool:
    """Whether the fixtures of the whole session end between two tests: no test of a later share needs them.

    What they leave would reach into it: variables that lead to a local AWS, servers, memory and disk.
    """
    known = share(nodeid), in_containers(nodeid)
    return known[0] in FOLDERS and known != (share(following), in_containers(following))


class Shares:
    """The plugin of pytest that runs the tests by their shares, and reports the time that each took."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Put the tests of a worker into the order in which they're given to workers."""
        if hasattr(config, "workerinput"):
            keys = order([item.nodeid for item in items])
            items.sort(key=lambda item: keys[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """End the fixtures of the whole session with the tests that need them."""
        if nextitem is not None and ends_fixtures(item.nodeid, nextitem.nodeid):
            item.session._setupstate.teardown_exact(None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the time of each share; files count as one."""
        name = share(report.nodeid)
        self._seconds[name if name in FOLDERS else "files"] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Report them where there were workers: the order of FOLDERS is right if they fall."""
        if config.getoption("numprocesses", None) and len(self._seconds) > 1:
            minutes = ", ".join(f"{name} {self._seconds[name] / 60:.1f}" for name in (*FOLDERS, "files"))
            terminalreporter.section("Minutes of each share")
            terminalreporter.write_line(minutes)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> LoadScopeScheduling:
        """Give the tests to workers by their shares, where `-n` asks for some."""
        return OneShareAtATime(config, log)


class OneShareAtATime(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker one share after the other, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return share(nodeid)
