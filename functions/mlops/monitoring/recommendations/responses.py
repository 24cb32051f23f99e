"""The tables of a day → shares of answers with a click, by version, position and basis."""

from collections.abc import Iterator
from typing import Any

from duckdb import DuckDBPyConnection

from mlops.monitoring.figure import Figure
from mlops.monitoring.recommendations.share import Share, Sums
from mlops.monitoring.recommender_facts import BasisResponses, PositionFacts, ResponseFacts, VersionResponses
from mlops.registry.aliases import CHAMPION

_MEASURES = ("clicked", "converted", "explored", "unavailable", "unknown")
MOST_POSITIONS = 50


class Responses:
    """What users did with a day's answers; `converts` says whether any event counts as a conversion."""

    def __init__(self, connection: DuckDBPyConnection, *, converts: bool) -> None:
        self._connection = connection
        self._converts = converts
        connection.execute(
            """
            CREATE TABLE responses AS
            SELECT answers.*, len(items) AS places, coalesce(acts.clicked, 0) AS clicked,
                coalesce(acts.converted, 0) AS converted
            FROM answers LEFT JOIN (
                SELECT answer, max(click::INT) AS clicked, max(conversion::INT) AS converted
                FROM attributed GROUP BY answer
            ) AS acts ON answers.id = acts.answer
            """
        )

    def of_all(self) -> ResponseFacts | None:
        """Those of all answers, None if there are none."""
        return next((ResponseFacts(**facts) for _, facts in self._facts("1")), None)

    def of_versions(self) -> tuple[VersionResponses, ...]:
        """Those of each version in each role."""
        found = self._facts("version, role")
        return tuple(VersionResponses(version=version, role=role, **facts) for (version, role), facts in found)

    def of_bases(self) -> tuple[BasisResponses, ...]:
        """Those of answers on each basis."""
        return tuple(BasisResponses(basis=basis, **facts) for (basis,), facts in self._facts("basis"))

    def of_champion(self) -> Share | None:
        """The share of the answers by champions with a click, None if there are none."""
        return next((shares["clicked"] for (role,), _, shares in self._shares("role") if role == CHAMPION), None)

    def share(self, measure: str) -> Figure | None:
        """The share of answers that are explored, unavailable or unknown."""
        return next((shares[measure].figure() for _, _, shares in self._shares("1")), None)

    def of_positions(self) -> tuple[PositionFacts, ...]:
        """The share of items with a click, by position."""
        rows = self._connection.execute(
            """
            WITH shown AS (
                SELECT id, person, unnest(range(1, least(places, $most) + 1)) AS position FROM responses
            ), clicked AS (
                SELECT DISTINCT answer, position FROM attributed WHERE click
            ), by_person AS (
                SELECT shown.position, person, count(*)::DOUBLE AS n, count(clicked.answer)::DOUBLE AS y
                FROM shown LEFT JOIN clicked ON shown.id = clicked.answer AND shown.position = clicked.position
                GROUP BY shown.position, person
            )
            SELECT position, count(*), sum(n), sum(y), sum(n * n), sum(y * y), sum(n * y)
            FROM by_person GROUP BY position ORDER BY position
            """,
            {"most": MOST_POSITIONS},
        ).fetchall()
        return tuple(PositionFacts(position=row[0], clicks=Share.of(Sums(*row[1:])).figure()) for row in rows)

    def _facts(self, keys: str) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        for group, items, shares in self._shares(keys):
            clicks = shares["clicked"]
            yield (
                group,
                {
                    "answers": clicks.rows,
                    "users": clicks.users,
                    "items": items,
                    "clicks": clicks.figure(),
                    "conversions": shares["converted"].figure() if self._converts else None,
                },
            )

    def _shares(self, keys: str) -> Iterator[tuple[tuple[Any, ...], int, dict[str, Share]]]:
        """By group: its keys, how many items were shown, and the share of each measure."""
        sums = ", ".join(f"sum({each})::DOUBLE AS {each}" for each in _MEASURES)
        squares = ", ".join(f"sum({each}), sum({each} * {each}), sum(n * {each})" for each in _MEASURES)
        rows = self._connection.execute(
            f"""
            WITH by_person AS (
                SELECT {keys}, person, count(*)::DOUBLE AS n, sum(places) AS places, {sums}
                FROM responses GROUP BY ALL
            )
            SELECT {keys}, sum(places)::BIGINT, count(*), sum(n), sum(n * n), {squares}
            FROM by_person GROUP BY {keys} ORDER BY {keys}
            """  # noqa: S608 - names alone
        ).fetchall()
        width = keys.count(",") + 1
        for row in rows:
            items, users, n, nn, *found = row[width:]
            triples = zip(_MEASURES, found[::3], found[1::3], found[2::3], strict=True)
            yield row[:width], items, {name: Share.of(Sums(users, n, y, nn, yy, ny)) for name, y, yy, ny in triples}
