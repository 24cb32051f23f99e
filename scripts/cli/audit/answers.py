"""The answers that records have of a stretch of time, counted by version and role."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mlops.records.window import Window
from mlops.registry.manifest.manifest import RECOMMENDER, Kind

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from mlops.records.read import ReadReport

_COUNT = """
SELECT {version} AS version, {role} AS role, count(DISTINCT {id}) AS answers, min("timestamp"), max("timestamp")
FROM records {where} GROUP BY ALL ORDER BY min("timestamp"), version, role
"""
_SHADOW = {
    "version": "challenger_version",
    "role": "'shadow'",
    "where": "WHERE challenger_version IS NOT NULL",
}
_MEMORY = "400MB"


@dataclass(frozen=True)
class Answers:
    """How many rows a version answered in a role, and when the first and the last of them.

    The role `shadow` is a challenger that was scored on rows that the champion answered.
    """

    version: int
    role: str
    answers: int
    first: datetime
    last: datetime


def count_answers(
    store: "ObjectStore", model: str, kind: Kind, window: Window
) -> "tuple[tuple[Answers, ...], ReadReport]":
    """The answers of the window, each once, in the order of their first, and what of the records couldn't be read."""
    # Slow to import, and no other command of the registry needs it.
    from mlops.records.database import open_database
    from mlops.records.read import read_recommendations, scan_predictions

    is_recommender = kind == RECOMMENDER
    reading = (read_recommendations if is_recommender else scan_predictions)(store, model, window)
    identifier = "recommendation_id" if is_recommender else "prediction_id"
    columns = [identifier, "timestamp", "model_version", "role", *([] if is_recommender else ["challenger_version"])]
    answered = {"version": "model_version", "role": "coalesce(role, '')", "where": ""}
    with open_database(_MEMORY) as connection:
        connection.register("stream", reading.reader())
        connection.execute(f"CREATE TABLE records AS SELECT {', '.join(f'"{name}"' for name in columns)} FROM stream")  # noqa: S608
        found = [
            row
            for parts in ([answered] if is_recommender else [answered, _SHADOW])
            for row in connection.execute(_COUNT.format(id=identifier, **parts)).fetchall()
        ]
    return tuple(Answers(*row) for row in found), reading.report
