"""`mlops records show`: the latest predictions, with their truths."""

from typing import Annotated

import typer

from cli.models.registered_model import ModelArgument
from cli.periods import FromOption, SinceOption, ToOption
from cli.records.stretch import VersionOption, find_records, open_tables
from cli.records.tables import make_table, print_json
from cli.stack import JsonOption, Stack, StackOption, console

QUERY = """
SELECT p.timestamp, p.prediction_id, p.model_version, p.role, {answer}, t.truth, t.truth_at, {inputs}
FROM predictions p LEFT JOIN (SELECT prediction_id, truth, truth_at FROM truths) t USING (prediction_id)
ORDER BY p.timestamp DESC, p.prediction_id DESC LIMIT {limit}
"""


def show(
    model: ModelArgument,
    limit: Annotated[int, typer.Option(help="Show at most this many.", min=1, max=10_000)] = 20,
    inputs: Annotated[bool, typer.Option("--inputs", help="Show what was recorded of the inputs too.")] = False,
    version: VersionOption = None,
    since: SinceOption = "1d",
    start: FromOption = None,
    end: ToOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """The latest predictions of a model, newest first, each with the truth that stands for it."""
    records = find_records(Stack(stack), model, version, since, start, end)
    answer = ("label", "probability") if records.source.contract.target.labels else ("value",)
    with open_tables(records) as stretch:
        has_inputs = any(column.privacy != "drop" for column in records.source.contract.columns)
        rows = stretch.sql(
            QUERY.format(
                answer=", ".join(f"p.{name}" for name in answer),
                inputs="p.inputs" if has_inputs else "NULL AS inputs",
                limit=limit,
            )
        ).to_pylist()
    if as_json:
        print_json(rows)
    elif rows:
        names = ["timestamp", "prediction_id", "model_version", "role", *answer, "truth", "truth_at"]
        console.print(make_table([*names, "inputs"] if inputs else names, rows))
    else:
        console.print("No predictions in this stretch of time. Records arrive some minutes after their predictions.")
