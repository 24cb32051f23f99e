"""The strings of a query are passed to DuckDB as parameters of the statement, never as part of its SQL."""

import re

import duckdb

from localaws.logs.insights import syntax
from localaws.logs.insights.values import malformed

_NAMED_GROUP = re.compile(r"(?<!\\)\(\?<(?=[A-Za-z_])")


class Parameters:
    """Numbers the strings; `values` are the parameters of the statement."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._regexes: list[tuple[syntax.Regex, str]] = []

    def text(self, text: str) -> str:
        """SQL for a string."""
        name = f"p{len(self.values)}"
        self.values[name] = text
        return f"CAST(${name} AS VARCHAR)"

    def regex(self, node: syntax.Regex) -> str:
        """SQL for a regular expression, with named groups in the syntax of RE2, DuckDB's engine."""
        pattern = _NAMED_GROUP.sub("(?P<", node.pattern)
        self._regexes.append((node, pattern))
        return self.text(pattern)

    def used_in(self, sql: str) -> dict[str, str]:
        """The values that a statement uses: DuckDB accepts no others."""
        return {name: value for name, value in self.values.items() if f"${name} " in sql}

    def check_regexes(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Raise MalformedQuery for the first regular expression that RE2 can't compile."""
        for node, pattern in self._regexes:
            try:
                connection.execute("SELECT regexp_matches('', $pattern)", {"pattern": pattern})
            except duckdb.InvalidInputException as error:
                raise malformed(f"the regular expression is invalid or not supported: {error}", node) from error
