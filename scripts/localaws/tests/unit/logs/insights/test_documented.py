"""Queries from AWS's documentation of Logs Insights, against rows that were worked out by hand from small logs.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-examples.html (sample queries),
CWL_QuerySyntax.html and the pages of its commands (filter, stats, parse, sort, limit, dedup, unnest, display, fields),
CWL_QuerySyntax-operations-functions.html (structure types).
"""

from __future__ import annotations

from typing import Any

import pytest

from localaws.logs.insights.query import run_query
from localaws_testing.insights import logs
from localaws_testing.insights.commands import COMMANDS, GENERAL
from localaws_testing.insights.expected import Rows
from localaws_testing.insights.extraction import EXTRACTION
from localaws_testing.insights.logs import Lines
from localaws_testing.insights.sample import NOW
from localaws_testing.insights.services import SERVICES

DOCUMENTED = [*GENERAL, *COMMANDS, *SERVICES, *EXTRACTION]


def ask(lines: Lines, query: str) -> list[dict[str, Any]]:
    answer = run_query(query, logs.events(lines), NOW)
    return [{name: value for name, value in row if name != "@ptr"} for row in answer.rows]


@pytest.mark.proves(
    "insights fields",
    "insights display",
    "insights filter",
    "insights parse",
    "insights stats",
    "insights sort",
    "insights limit",
    "insights dedup",
    "insights unnest",
)
@pytest.mark.parametrize(("lines", "query", "rows"), DOCUMENTED, ids=[query for _, query, _ in DOCUMENTED])
def test_a_documented_query_returns_the_rows_computed_by_hand(lines: Lines, query: str, rows: Rows) -> None:
    assert ask(lines, query) == rows


def test_there_are_at_least_forty_documented_queries_without_duplicates() -> None:
    queries = [query for _, query, _ in DOCUMENTED]
    assert len(set(queries)) == len(queries) >= 40
