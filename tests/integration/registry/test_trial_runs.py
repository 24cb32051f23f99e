"""MLflow has every trial of a search as a child of the training's run, each once, however often it was told."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from mlops.registry.manifest.manifest import Manifest
from mlops.registry.manifest.search import Search, Trial
from mlops.tracking.trials import record_trials
from tests.unit.mlops.registry.samples import make_manifest

# MLflow's store calls what SQLAlchemy will do without one day; what records trials doesn't.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")


class Interrupted(BaseException):
    """The process dies."""


class Counting:
    """A client that counts its calls, and dies after some."""

    def __init__(self, client: MlflowClient, lives: float = float("inf")) -> None:
        self._client = client
        self._lives = lives
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if len(self.calls) >= self._lives:
                raise Interrupted
            self.calls.append(name)
            return getattr(self._client, name)(*arguments, **options)

        return call


@pytest.fixture
def client(database: str) -> MlflowClient:
    return MlflowClient(database, registry_uri=database)


@pytest.fixture
def parent(client: MlflowClient, request: pytest.FixtureRequest) -> Iterator[Run]:
    """A training's run, in an experiment of the test's own."""
    experiment = client.create_experiment(f"trials of {request.node.name}")
    yield client.create_run(experiment)
    client.delete_experiment(experiment)


def make_searched(trials: int = 3) -> Manifest:
    """A version that was searched for; the second trial won and the third was pruned."""
    made = tuple(
        Trial(
            number=number,
            candidate="linear",
            parameters={"C": 0.1 * number} if number > 1 else {},
            folds=(0.8, 0.9) if number == 3 else (0.8, 0.9, 1.0),
            score=0.85 if number == 3 else 0.9,
            pruned=number == 3,
            seconds=2.0,
        )
        for number in range(1, trials + 1)
    )
    search = Search(metric="accuracy", trials=made, winner=2, reason="it is best", rows=45, ended="trials")
    return make_manifest().model_copy(update={"search": search})


def record(client: Any, parent: Run, manifest: Manifest) -> None:
    record_trials(client, parent.info.experiment_id, parent.info.run_id, manifest)


def children(client: MlflowClient, parent: Run) -> list[Run]:
    query = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    found = client.search_runs([parent.info.experiment_id], query)
    return sorted(found, key=lambda run: int(run.data.tags["trial"]))


def state(client: MlflowClient, parent: Run) -> list[Any]:
    """Everything that MLflow was told of the children, but their ids."""
    return [
        (
            run.info.status,
            run.info.start_time,
            run.info.end_time,
            run.data.params,
            {
                name: [each.value for each in client.get_metric_history(run.info.run_id, name)]
                for name in run.data.metrics
            },
            {name: value for name, value in run.data.tags.items() if name in ("trial", "winner", "mlflow.runName")},
        )
        for run in children(client, parent)
    ]


def test_a_trial_is_a_child_run_with_its_parameters_and_scores(client: MlflowClient, parent: Run) -> None:
    manifest = make_searched()
    record(client, parent, manifest)
    first, second, third = children(client, parent)
    assert first.data.params == {"candidate": "linear"}
    assert second.data.params == {"candidate": "linear", "C": "0.2"}
    assert second.data.metrics == {"accuracy": 0.9, "accuracy_fold": 1.0}
    folds = client.get_metric_history(second.info.run_id, "accuracy_fold")
    assert [(each.step, each.value) for each in folds] == [(1, 0.8), (2, 0.9), (3, 1.0)]
    assert [run.data.tags["winner"] for run in (first, second, third)] == ["false", "true", "false"]
    assert [run.info.status for run in (first, second, third)] == ["FINISHED", "FINISHED", "KILLED"]
    assert third.data.metrics["accuracy"] == 0.85


def test_trials_took_their_time_one_after_another_before_the_version_was_made(
    client: MlflowClient, parent: Run
) -> None:
    manifest = make_searched()
    record(client, parent, manifest)
    made = manifest.created_at
    wanted = [int((made - timedelta(seconds=left)).timestamp() * 1000) for left in (6, 4, 2, 0)]
    times = [(run.info.start_time, run.info.end_time) for run in children(client, parent)]
    assert times == list(pairwise(wanted))


def test_a_version_that_was_not_searched_for_has_no_children(client: MlflowClient, parent: Run) -> None:
    counting = Counting(client)
    record(counting, parent, make_manifest())
    assert counting.calls == []


def test_recording_again_changes_nothing_and_takes_one_call(client: MlflowClient, parent: Run) -> None:
    record(client, parent, make_searched())
    before = state(client, parent)
    counting = Counting(client)
    record(counting, parent, make_searched())
    assert state(client, parent) == before
    assert counting.calls == ["search_runs"]


def test_a_trial_is_recorded_in_three_calls(client: MlflowClient, parent: Run) -> None:
    counting = Counting(client)
    record(counting, parent, make_searched(5))
    assert len(counting.calls) == 1 + 3 * 5


def test_what_dies_between_any_two_calls_is_completed_by_the_next(client: MlflowClient, parent: Run) -> None:
    whole = Counting(client)
    record(whole, parent, make_searched())
    wanted = state(client, parent)
    for lives in range(len(whole.calls)):
        for run in children(client, parent):
            client.delete_run(run.info.run_id)
        with pytest.raises(Interrupted):
            record(Counting(client, lives), parent, make_searched())
        record(client, parent, make_searched())
        assert state(client, parent) == wanted, lives


def test_a_child_that_another_search_left_unfinished_is_recorded_again(client: MlflowClient, parent: Run) -> None:
    with pytest.raises(Interrupted):
        record(Counting(client, 3), parent, make_searched())
    other = make_searched()
    assert other.search
    first = other.search.trials[0].model_copy(update={"candidate": "forest"})
    changed = other.search.model_copy(update={"trials": (first, *other.search.trials[1:])})
    record(client, parent, other.model_copy(update={"search": changed}))
    assert [run.data.params["candidate"] for run in children(client, parent)] == ["forest", "linear", "linear"]
