"""The scalar functions of Logs Insights, each with its SQL.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

import ipaddress
from dataclasses import dataclass

import duckdb
from duckdb.func import FunctionNullHandling

from localaws.logs.insights.values import Kind


@dataclass(frozen=True)
class Function:
    """A function by its signature: one letter per argument (t string, n number), `?` before the first optional
    one, `+` after a repeated one. `sql` has {0}, {1}… for the arguments, {all} for all of them; `optional`
    is the SQL when the optional argument is given."""

    signature: str
    kind: Kind
    sql: str
    optional: str = ""

    @property
    def least(self) -> int:
        return len(self.signature.split("?")[0].rstrip("+"))

    @property
    def most(self) -> int | None:
        """The maximum number of arguments, or None."""
        return None if self.signature.endswith("+") else len(self.signature.replace("?", ""))

    def letter(self, position: int) -> str:
        letters = self.signature.replace("?", "").rstrip("+")
        return letters[min(position, len(letters) - 1)]


_BLANKS = r"E' \t\n\r\f\v'"

FUNCTIONS = {
    "abs": Function("n", Kind.NUMBER, "abs({0})"),
    "ceil": Function("n", Kind.NUMBER, "ceil({0})"),
    "floor": Function("n", Kind.NUMBER, "floor({0})"),
    "greatest": Function("n+", Kind.NUMBER, "greatest({all})"),
    "least": Function("n+", Kind.NUMBER, "least({all})"),
    "log": Function("n", Kind.NUMBER, "CASE WHEN {0} > 0 THEN ln({0}) END"),
    "sqrt": Function("n", Kind.NUMBER, "CASE WHEN {0} >= 0 THEN sqrt({0}) END"),
    "isempty": Function("t", Kind.BOOLEAN, "(coalesce({0}, '') = '')"),
    "isblank": Function("t", Kind.BOOLEAN, f"(trim(coalesce({{0}}, ''), {_BLANKS}) = '')"),
    "ispresent": Function("t", Kind.BOOLEAN, "({0} IS NOT NULL)"),
    "concat": Function("t+", Kind.TEXT, "concat({all})"),
    "ltrim": Function("t?t", Kind.TEXT, f"ltrim({{0}}, {_BLANKS})", "ltrim({0}, {1})"),
    "rtrim": Function("t?t", Kind.TEXT, f"rtrim({{0}}, {_BLANKS})", "rtrim({0}, {1})"),
    "trim": Function("t?t", Kind.TEXT, f"trim({{0}}, {_BLANKS})", "trim({0}, {1})"),
    "strlen": Function("t", Kind.NUMBER, "CAST(length({0}) AS DOUBLE)"),
    "toupper": Function("t", Kind.TEXT, "upper({0})"),
    "tolower": Function("t", Kind.TEXT, "lower({0})"),
    # Positions count from 0 in Logs Insights, from 1 in SQL.
    "substr": Function(
        "tn?n",
        Kind.TEXT,
        "substr({0}, greatest(TRY_CAST({1} AS INTEGER), 0) + 1)",
        "substr({0}, greatest(TRY_CAST({1} AS INTEGER), 0) + 1, greatest(TRY_CAST({2} AS INTEGER), 0))",
    ),
    "replace": Function("ttt", Kind.TEXT, "replace({0}, {1}, {2})"),
    "strcontains": Function("tt", Kind.BOOLEAN, "coalesce(contains({0}, {1}), false)"),
    "jsonparse": Function("t", Kind.JSON, "document({0})"),
    "jsonstringify": Function("t", Kind.TEXT, "{0}"),
    "frommillis": Function("n", Kind.TIME, "CASE WHEN abs({0}) < 253402300800000 THEN CAST({0} AS BIGINT) END"),
    "tomillis": Function("n", Kind.NUMBER, "{0}"),
    "isvalidip": Function("t", Kind.BOOLEAN, "coalesce(ip_version({0}) IS NOT NULL, false)"),
    "isvalidipv4": Function("t", Kind.BOOLEAN, "coalesce(ip_version({0}) = 4, false)"),
    "isvalidipv6": Function("t", Kind.BOOLEAN, "coalesce(ip_version({0}) = 6, false)"),
    "isipinsubnet": Function("tt", Kind.BOOLEAN, "coalesce(ip_in_subnet({0}, {1}), false)"),
    "isipv4insubnet": Function("tt", Kind.BOOLEAN, "coalesce(ip_version({0}) = 4 AND ip_in_subnet({0}, {1}), false)"),
    "isipv6insubnet": Function("tt", Kind.BOOLEAN, "coalesce(ip_version({0}) = 6 AND ip_in_subnet({0}, {1}), false)"),
}


def register_ip_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Register `ip_version` and `ip_in_subnet` with a connection; DuckDB has them only in an extension."""
    connection.create_function("ip_version", ip_version, null_handling=FunctionNullHandling.SPECIAL)
    connection.create_function("ip_in_subnet", ip_in_subnet, null_handling=FunctionNullHandling.SPECIAL)


def ip_version(address: str | None) -> int | None:
    """4 or 6, or None if it isn't an IP address."""
    try:
        return None if address is None else ipaddress.ip_address(address).version
    except ValueError:
        return None


def ip_in_subnet(address: str | None, subnet: str | None) -> bool | None:
    """Whether the address is in the subnet in CIDR notation, None if either is invalid."""
    try:
        if address is None or subnet is None:
            return None
        return ipaddress.ip_address(address) in ipaddress.ip_network(subnet, strict=False)
    except ValueError:
        return None
