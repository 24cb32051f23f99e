"""Predictions whose truth was received in a stretch of time, with their whole inputs, as a table of text.

The table `labelled` has prediction_id, made, truth_at, the recorded columns as c0, c1 …, the truth as `target`, and
`whole`: whether the inputs were recorded, and no text of them was cut.
"""

from collections.abc import Callable, Sequence

import pyarrow as pa
from duckdb import DuckDBPyConnection

from mlops.contract import Column, Contract
from mlops.records.join import join_truths
from mlops.records.standing import FeedbackSource

_EMPTY = "CAST(NULL AS VARCHAR)"


def load_labelled(
    connection: DuckDBPyConnection,
    source: FeedbackSource,
    recorded: Sequence[Column],
    is_alike: Callable[[int], bool],
    memory: str,
) -> None:
    """Make the table from the predictions of all versions that `is_alike`: whose contract has the same columns."""
    joined = join_truths(
        source, fields=("inputs", "inputs_cut"), inputs=[column.name for column in recorded], memory=memory
    )
    columns = ", ".join(f"c{place} VARCHAR" for place in range(len(recorded)))
    connection.execute(
        f"""CREATE TABLE labelled (prediction_id VARCHAR, version BIGINT, made TIMESTAMPTZ, truth_at TIMESTAMPTZ,
        {columns}{"," if columns else ""} target VARCHAR, whole BOOLEAN)"""
    )
    for table in joined:
        connection.register("joined", table)
        connection.execute(f"INSERT INTO labelled SELECT {_select(table, recorded, source.contract)} FROM joined")  # noqa: S608
        connection.unregister("joined")
    versions = [row[0] for row in connection.execute("SELECT DISTINCT version FROM labelled ORDER BY ALL").fetchall()]
    others = [version for version in versions if not is_alike(version)]
    connection.execute("DELETE FROM labelled WHERE list_contains($others, version)", {"others": others})


def _select(table: pa.Table, recorded: Sequence[Column], contract: Contract) -> str:
    cells = [
        f"{_to_text(f'inputs[{_literal(column.name)}]', column.kind)} AS c{place}"
        for place, column in enumerate(recorded)
    ]
    kind = "category" if contract.target.labels else "number"
    has_inputs = ["inputs IS NOT NULL"] if recorded else []
    uncut = ["coalesce(len(inputs_cut), 0) = 0"] if "inputs_cut" in table.column_names else []
    parts = [
        "prediction_id",
        "model_version",
        "timestamp",
        "truth_at",
        *cells,
        f"{_to_text('truth', kind)} AS target",
        f"{' AND '.join([*has_inputs, *uncut]) or 'true'} AS whole",
    ]
    return ", ".join(parts)


def _to_text(cell: str, kind: str) -> str:
    """A recorded cell as a CSV has it: whole numbers without a fraction."""
    if kind not in ("number", "integer"):
        return f"CAST({cell} AS VARCHAR)"
    whole = f"CAST(CAST({cell} AS BIGINT) AS VARCHAR)"
    return f"CASE WHEN abs({cell}) < 1e15 AND {cell} = trunc({cell}) THEN {whole} ELSE CAST({cell} AS VARCHAR) END"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
