"""How pytest-xdist shares tests among workers."""

from xdist.scheduler import LoadScopeScheduling

UNIT, INTEGRATION = ("tests/unit/", "scripts/localaws/tests/unit/"), "tests/integration/"


def share(nodeid: str) -> str:
    """What a test belongs to that one worker does, in its order.

    Unit tests touch nothing that another might, so a file is enough. Integration tests touch nothing outside their own
    process and servers. What is left starts whole local AWSs, which the tests of one process share, and writes under
    `.localaws/`: side by side they'd start them twice.
    """
    if nodeid.startswith(UNIT):
        return nodeid.partition("::")[0]
    return "integration" if nodeid.startswith(INTEGRATION) else "worlds"


class OneWorldAtATime(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker one share after the other, large ones first."""

    def _split_scope(self, nodeid: str) -> str:
        return share(nodeid)
