"""Datasets that are too large for TrainFunction: the state machine trains on them in a container, on local AWS."""

import json
from collections.abc import Iterator

import pytest

from examples import write_diagnosis
from tests.container_stack import Deployed, deployed_project
from tests.e2e.conftest import check_calls

MODEL = "padded"
PADDING = 100_000
"""Characters a row that make a dataset large, in a column that the spec ignores."""
MEMORY = 1024
"""Of the function, in MB: it reads 55 MB of CSV at most."""
SPEC = """
from dataclasses import replace

from sklearn.tree import DecisionTreeClassifier

from models.diagnosis import spec as diagnosis

spec = replace(
    diagnosis,
    name="padded",
    ignored=("note",),
    candidates={
        "logistic-regression": diagnosis.candidates["logistic-regression"],
        "decision-tree": DecisionTreeClassifier(max_depth=3),
    },
    trials=4,
)
"""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The project's template, but for the memory of TrainFunction, and one more model."""
    with deployed_project(tmp_path_factory.mktemp("project"), MODEL, SPEC, MEMORY) as found:
        yield found


@pytest.fixture
def calls_on_record(request: pytest.FixtureRequest, deployed: Deployed) -> Iterator[None]:
    """What a test is on record for needing of the template's permissions, it has needed when it's over."""
    yield
    check_calls(request, deployed.client("cloudformation"), deployed.name)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_diagnosis(tmp_path_factory.mktemp("examples")).read_bytes()


@pytest.fixture(scope="module")
def large(small: bytes) -> bytes:
    """The same rows, in 57 MB."""
    head, *rows = small.decode().splitlines()
    padding = "x" * PADDING
    return "\n".join([f"{head},note", *(f"{row},{padding}" for row in rows)]).encode()


@pytest.mark.usefixtures("calls_on_record")
def test_a_container_alone_and_a_function_whose_search_ran_in_parts_make_the_same_version(
    deployed: Deployed, small: bytes, large: bytes
) -> None:
    report = deployed.report(deployed.put("large.csv", large))
    assert (report["outcome"], report["version"]) == ("promoted", 1)
    deployed.succeeded()
    assert deployed.states() == [
        *("Begin", "FansOut", "PlanFits", "HasFits"),  # it's too large to be planned
        *("TrainInFunction", "IsTooLarge", "DefineContainer", "TrainOnSpot", "Trained"),
    ]
    steps = [each["step"] for each in deployed.read(f"datasets/{MODEL}/large.csv.progress.json")["steps"]]
    assert steps[0] == "fetch the dataset and the spec"
    in_container = deployed.digests()
    deployed.forget_versions()
    report = deployed.report(deployed.put("small.csv", small))
    assert (report["outcome"], report["version"]) == ("promoted", 1)
    deployed.succeeded()
    # All four trials are fitted at once, and then the best one of each candidate on other folds.
    rounds = ("PlanFits", "HasFits", "RunFits")
    assert deployed.states() == [
        *("Begin", "FansOut", *rounds, *rounds, "PlanFits", "HasFits"),
        *("TrainInFunction", "IsTooLarge", "Trained"),
    ]
    assert deployed.children() == {"SUCCEEDED": 4 * 5 + 2 * 2 * 5}
    assert deployed.digests() == in_container


@pytest.mark.usefixtures("calls_on_record")
def test_a_container_whose_capacity_is_taken_back_twice_is_run_again_and_then_on_demand(
    deployed: Deployed, large: bytes
) -> None:
    deployed.forget_versions()
    key = deployed.put("again.csv", large)
    ecs = deployed.client("ecs")
    (cluster,) = ecs.list_clusters()["clusterArns"]

    def begun(attempt: int) -> str:
        """The container, once it's at its first step. The clock is moved over the pause before the second one."""

        def found() -> bool:
            if deployed.tasks():
                return bool(deployed.read(f"{key}.progress.json").get("attempt") == attempt)
            if attempt == 3:
                deployed.tick("30s")
            return False

        deployed.until(found, f"the first step of the try {attempt}")
        (task,) = deployed.tasks()
        return task

    def capacity(task: str) -> str | None:
        (described,) = ecs.describe_tasks(cluster=cluster, tasks=[task])["tasks"]
        found: str | None = described.get("capacityProviderName")
        return found

    # The first try is the function's, which moved the training.
    for attempt in (2, 3):
        task = begun(attempt)
        assert capacity(task) == "FARGATE_SPOT"
        ecs.stop_task(cluster=cluster, task=task, reason="Your Spot Task was interrupted.")
        deployed.until(lambda: deployed.read(f"{key}.progress.json")["state"] == "retrying", "the end of the container")
        assert "told to stop" in deployed.read(f"{key}.progress.json")["reason"]
        deployed.until(lambda: not deployed.tasks(), "no container")
    assert capacity(begun(4)) is None
    assert deployed.report(key)["outcome"] == "promoted"
    deployed.succeeded()
    assert deployed.states()[-3:] == ["TrainOnSpot", "TrainOnDemand", "Trained"]
    assert deployed.read(f"{key}.progress.json")["attempt"] == 4


@pytest.mark.usefixtures("calls_on_record")
def test_an_upload_that_no_try_can_train_on_becomes_a_dead_letter(deployed: Deployed) -> None:
    client = deployed.client("stepfunctions")
    upload = {"not": "an upload"}
    execution = client.start_execution(stateMachineArn=deployed.machine, input=json.dumps(upload))["executionArn"]

    def ended() -> bool:
        deployed.tick("1m")  # between its tries
        return str(client.describe_execution(executionArn=execution)["status"]) != "RUNNING"

    deployed.until(ended, "the end of the execution")
    assert client.describe_execution(executionArn=execution)["error"] == "EventInvalid"
    received = deployed.client("sqs").receive_message(QueueUrl=deployed.outputs["TrainDeadLettersUrl"])
    assert [json.loads(message["Body"]) for message in received["Messages"]] == [upload]
