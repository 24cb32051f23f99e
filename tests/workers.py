"""How pytest-xdist shares tests among workers."""

from xdist.scheduler import LoadScopeScheduling

UNIT, INTEGRATION = "tests/unit/", "tests/integration/"


class OneWorldAtATime(LoadScopeScheduling):  # type: ignore[misc]
    """Unit tests by file, in whichever worker is free; the other parts in one worker each, in their order.

    Unit tests touch nothing that another might, and integration tests nothing outside their own process and servers.
    What is left starts whole local AWSs, which the tests of one process share, and writes under `.localaws/`: side by
    side they'd start them twice.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(UNIT):
            return nodeid.partition("::")[0]
        return INTEGRATION if nodeid.startswith(INTEGRATION) else "worlds"
