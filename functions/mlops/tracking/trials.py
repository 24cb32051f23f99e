"""The trials of a search as MLflow has them: child runs of the training's run."""

from datetime import timedelta
from typing import TYPE_CHECKING

from mlops.registry.manifest.manifest import VersionManifest
from mlops.registry.manifest.search import Search, Trial

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

PARENT = "mlflow.parentRunId"
NUMBER = "trial"
MAX_FOUND = 1_000  # runs that MLflow gives in one call
ENDED = ("FINISHED", "KILLED", "FAILED")


def record_trials(client: "MlflowClient", experiment: str, parent: str, manifest: VersionManifest) -> None:
    """One ended run a trial: its candidate, parameters, scores, and the time that it took. Pruned ones are KILLED,
    and those whose estimator failed FAILED.

    May be repeated: what has ended is left as it is. A child that a training left unfinished is deleted and recorded
    again, since half of it may come from a search that the time limit ended elsewhere.
    """
    if manifest.search is None:
        return
    recorded = _recorded(client, experiment, parent)
    start = manifest.created_at - timedelta(seconds=sum(trial.seconds for trial in manifest.search.trials))
    for trial in manifest.search.trials:
        end = start + timedelta(seconds=trial.seconds)
        times = int(start.timestamp() * 1000), int(end.timestamp() * 1000)
        start = end
        run = recorded.get(str(trial.number))
        if run is not None and run.info.status not in ENDED:
            client.delete_run(run.info.run_id)
        if run is None or run.info.status not in ENDED:
            _record(client, experiment, parent, manifest.search, trial, times)


def _recorded(client: "MlflowClient", experiment: str, parent: str) -> "dict[str | None, Run]":
    """The child runs that exist, by trial."""
    found = client.search_runs([experiment], f"tags.`{PARENT}` = '{parent}'", max_results=MAX_FOUND)
    return {run.data.tags.get(NUMBER): run for run in found}


def _record(
    client: "MlflowClient", experiment: str, parent: str, search: Search, trial: Trial, times: tuple[int, int]
) -> None:
    """Three calls, which is as few as MLflow allows: create, fill, end. `times` are start and end in ms."""
    from mlflow.entities import Metric, Param, RunTag

    start, end = times
    tags = {PARENT: parent, NUMBER: str(trial.number), "winner": str(trial.number == search.winner).lower()}
    run = client.create_run(experiment, start, tags, run_name=f"trial {trial.number}, {trial.candidate}")
    run_id: str = run.info.run_id
    scores = [Metric(f"{search.metric}_fold", score, end, fold) for fold, score in enumerate(trial.folds, 1)]
    params = [Param(name, str(value)) for name, value in {"candidate": trial.candidate, **trial.parameters}.items()]
    mean = [Metric(search.metric, trial.score, end, 0)] if trial.score is not None else []
    reasons = [RunTag("failure", trial.failure)] if trial.failure else []
    client.log_batch(run_id, metrics=[*mean, *scores], params=params, tags=reasons)
    client.set_terminated(run_id, "KILLED" if trial.pruned else "FAILED" if trial.failure else "FINISHED", end)
