"""A CloudWatch Logs Insights query of a stack over the last seconds."""

from collections.abc import Sequence

from cli.stack import Stack
from mlops import insights
from mlops.insights import Row

# Lines are written after the time was taken, by other clocks too.
_AHEAD_SECONDS = 60


def run_query(target: Stack, text: str, groups: Sequence[str], seconds: int, limit: int = 1_000) -> list[Row]:
    """The rows of a query over the last `seconds`, each a field-to-value mapping without @ptr. Raises QueryFailed."""
    now = target.now().timestamp()
    return insights.run_query(target.logs, text, groups, (now - seconds, now + _AHEAD_SECONDS), limit=limit)
