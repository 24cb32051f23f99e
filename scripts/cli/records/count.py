"""`mlops records count`: predictions by day and version, and what became of the feedback."""

from dataclasses import asdict
from typing import Any

from cli.models.registered_model import ModelArgument
from cli.periods import FromOption, SinceOption, ToOption
from cli.records.stretch import ModelRecords, VersionOption, find_records, open_tables, warn
from cli.records.tables import make_table, print_json
from cli.stack import JsonOption, Stack, StackOption, console, progress_console

QUERY = """
SELECT strftime(p.timestamp, '%Y-%m-%d') AS day, p.model_version AS version, count(*) AS predictions,
    count({inputs}) AS with_inputs, count(t.prediction_id) AS with_truth,
    avg(p.latency_ms) AS mean_ms, quantile_cont(p.latency_ms, 0.99) AS p99_ms
FROM predictions p LEFT JOIN (SELECT prediction_id FROM truths) t USING (prediction_id)
GROUP BY ALL ORDER BY ALL
"""
MEANINGS = {
    "received": "truths came since the start of this stretch of time",
    "used": "stand next to a prediction of it",
    "superseded": "say something else than a later truth about the same prediction",
    "duplicates": "say what another says",
    "unknown": "are about predictions that nobody recorded",
    "elsewhere": "are about predictions outside of this stretch of time",
    "invalid": "don't fit the contract any more",
}


def count(
    model: ModelArgument,
    version: VersionOption = None,
    since: SinceOption = "7d",
    start: FromOption = None,
    end: ToOption = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Count a model's predictions by day and version, and its feedback by what became of it."""
    records = find_records(Stack(stack), model, version, since, start, end)
    has_inputs = any(column.privacy != "drop" for column in records.source.contract.columns)
    with open_tables(records) as stretch:
        rows = stretch.sql(QUERY.format(inputs="p.inputs" if has_inputs else "NULL")).to_pylist()
    feedback = _count_feedback(records)
    if as_json:
        print_json({"predictions": rows, "feedback": feedback})
        return
    if rows:
        console.print(make_table([*rows[0]], rows))
    else:
        console.print("No predictions in this stretch of time. Records arrive some minutes after their predictions.")
    if feedback["received"]:
        console.print("\nfeedback", style="bold")
        reasons = ", ".join(f"{rule}: {number:,}" for rule, number in feedback["invalid"].items())
        for name, meaning in MEANINGS.items():
            number = sum(feedback[name].values()) if name == "invalid" else feedback[name]
            more = f" ({reasons})" if name == "invalid" and reasons else ""
            console.print(f"{number:>10,}  {name}: {meaning}{more}", markup=False)


def _count_feedback(records: ModelRecords) -> dict[str, Any]:
    """The lines of feedback by what became of them, of all versions' predictions."""
    from mlops.records.join import join_truths

    with progress_console.status("joining …"):
        joined = join_truths(records.source, records.window, fields=(), inputs=())
        for _ in joined:
            pass
    warn({"feedback": joined.feedback_report})
    return asdict(joined.counts)
