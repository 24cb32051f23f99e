"""Where a run's objects lie in the answers bucket.

runs/<run>/plan.json              what the run does; whoever creates it first decides
runs/<run>/chunks/<digest>.json   the chunks of the plan
runs/<run>/todo/<digest>.json     the chunks that an execution has to score
runs/<run>/parts/<n>.json         the report of a scored chunk: it's done
runs/<run>/failures/<n>.json      why a chunk failed last
runs/<run>/results/…              Step Functions' own results
<output>part-<n>.parquet          the answers of a chunk, in the order of its rows
<output>_rejected/part-<n>.jsonl.gz
<output>_manifest.json            written last: a run that has one is whole

Athena, Spark and DuckDB pass over names that begin with an underscore.
"""

from datetime import date

from mlops.records.layout import PREDICTION, SUFFIX, day_prefix

PLAN, MANIFEST = "plan.json", "_manifest.json"


def run_prefix(run: str) -> str:
    """The prefix of what a run keeps for itself."""
    return f"runs/{run}/"


def plan_key(run: str) -> str:
    """The key of a run's plan."""
    return f"{run_prefix(run)}{PLAN}"


def default_output(model: str, day: date, run: str) -> str:
    """The prefix of a run's answers, unless the request names one: Hive partitions by model, day and run."""
    return f"answers/model={model}/day={day.isoformat()}/run={run}/"


def part_name(chunk: int, ending: str) -> str:
    """The name of a chunk's answers; names sort as the rows do."""
    return f"part-{chunk:06d}.{ending}"


def rejected_name(chunk: int) -> str:
    """The name of the list of a chunk's rejected rows."""
    return f"_rejected/part-{chunk:06d}.jsonl.gz"


def report_key(run: str, chunk: int) -> str:
    """The key of the report of a scored chunk."""
    return f"{run_prefix(run)}parts/{chunk:06d}.json"


def failure_key(run: str, chunk: int) -> str:
    """The key of the reason why a chunk failed."""
    return f"{run_prefix(run)}failures/{chunk:06d}.json"


def records_key(model: str, day: date, run: str, chunk: int) -> str:
    """The key, in the records bucket, of the prediction records of a chunk."""
    return f"{day_prefix(PREDICTION, model, day)}batch-{run}-{chunk:06d}{SUFFIX}"
