"""Deployments and rollbacks: the commands that are run, and the history that they leave in moto's SSM."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from delivery import deployment
from delivery.errors import DeliveryFailed
from delivery.history import BY_HAND, KEPT, ReleaseHistory, name_run
from delivery.release import make_release
from delivery.stages import Stage, read_stage
from tests.unit.delivery.conftest import Repository


class Commands:
    """Keeps the commands in place of running them; one that begins with `failing` fails."""

    def __init__(self) -> None:
        self.run: list[tuple[list[str], Path]] = []
        self.failing: tuple[str, ...] = ()

    def __call__(self, command: Sequence[str], folder: Path) -> None:
        self.run.append((list(command), folder))
        if self.failing and tuple(command[: len(self.failing)]) == self.failing:
            raise DeliveryFailed("it failed")


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
def stage(repository: Repository) -> Stage:
    return read_stage(repository.root, "dev")


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> Iterator[ReleaseHistory]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield ReleaseHistory(boto3.client("ssm", region_name="us-east-1"), stage.stack)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch, history: ReleaseHistory) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4777")


def test_on_aws_a_release_is_built_by_sam_once_and_deployed_with_the_stages_parameters(
    repository: Repository, stage: Stage, history: ReleaseHistory, commands: Commands
) -> None:
    release = make_release(repository.root, "HEAD")
    deployment.deploy(release, stage, history, commands)
    (build, place), (deploy, _) = commands.run
    assert (build, place) == (["sam", "build"], release.folder)
    assert deploy[:4] == ["sam", "deploy", "--template-file", str(release.folder / ".aws-sam/build/template.yaml")]
    assert deploy[deploy.index("--config-env") + 1] == "dev"
    assert deploy[deploy.index("--config-file") + 1] == str(release.folder / "samconfig.toml")
    assert {"--no-confirm-changeset", "--no-fail-on-empty-changeset"} <= set(deploy)
    parameters = deploy[deploy.index("--parameter-overrides") + 1 :]
    assert parameters == ["LogLevel=DEBUG", "LogRetentionDays=14", f"CodeCommit={release.commit}"]
    release.built_template.parent.mkdir(parents=True)
    release.built_template.touch()
    deployment.deploy(release, stage, history, commands)
    assert [command[:2] for command, _ in commands.run] == [["sam", "build"], ["sam", "deploy"], ["sam", "deploy"]]


@pytest.mark.usefixtures("local")
def test_on_local_aws_the_template_is_deployed_at_the_endpoint_of_the_environment(
    repository: Repository, stage: Stage, history: ReleaseHistory, commands: Commands
) -> None:
    release = make_release(repository.root, "HEAD")
    deployment.deploy(release, stage, history, commands)
    ((command, folder),) = commands.run
    assert folder == release.folder
    assert command[:7] == ["localaws", "deploy", "template.yaml", "--stack-name", "mlops-dev", "--port", "4777"]
    assert command[-2:] == ["--parameter", f"CodeCommit={release.commit}"]


def test_a_template_that_local_aws_cannot_deploy_fails_the_build(repository: Repository, commands: Commands) -> None:
    commit = repository.commit({"template.yaml": "Resources: {Thing: {Type: AWS::No::Thing}}\n"})
    with pytest.raises(DeliveryFailed, match="AWS::No::Thing"):
        deployment.build(make_release(repository.root, commit), "http://localhost:4777", commands)


def test_a_rollback_goes_back_release_by_release_and_not_beyond_the_first(
    repository: Repository, stage: Stage, history: ReleaseHistory, commands: Commands
) -> None:
    commits = [repository.commit({"mark": str(number)}) for number in range(3)]
    for commit in commits:
        deployment.deploy(make_release(repository.root, commit), stage, history, commands)
    back = [deployment.roll_back(repository.root, stage, history, run=commands) for _ in range(2)]
    assert [release.commit for release in back if release] == [commits[1], commits[0]]
    assert history.read() == commits[:1]
    assert commands.run[-1][0][-1] == f"CodeCommit={commits[0]}"
    with pytest.raises(DeliveryFailed, match=f"dev has no release before {commits[0]}"):
        deployment.roll_back(repository.root, stage, history, run=commands)


def test_a_rollback_shifts_all_traffic_at_once_if_the_release_shifts_traffic(
    repository: Repository, history: ReleaseHistory, commands: Commands
) -> None:
    prod = read_stage(repository.root, "prod")
    plain = repository.commit({"template.yaml": "Resources: {Queue: {Type: AWS::SQS::Queue}}\n"})
    shifting = repository.git("rev-parse", "HEAD^")
    for commit in (plain, shifting, plain):
        deployment.deploy(make_release(repository.root, commit), prod, history, commands)
    for expected in (["TrafficShift=AllAtOnce"], ["TrafficShift=Canary10Percent10Minutes"]):
        deployment.roll_back(repository.root, prod, history, run=commands)
        deploy, _ = commands.run[-1]
        assert [word for word in deploy if word.startswith("TrafficShift=")] == expected


def test_a_deployment_that_failed_is_no_release_and_its_rollback_does_nothing(
    repository: Repository, stage: Stage, history: ReleaseHistory, commands: Commands
) -> None:
    good, older = repository.commit({"mark": "good"}), repository.git("rev-parse", "HEAD^")
    for commit in (older, good):
        deployment.deploy(make_release(repository.root, commit), stage, history, commands)
    bad = make_release(repository.root, repository.commit({"mark": "bad"}))
    commands.failing = ("sam", "deploy")
    with pytest.raises(DeliveryFailed):
        deployment.deploy(bad, stage, history, commands)
    commands.run.clear()
    assert deployment.roll_back(repository.root, stage, history, bad.commit, commands) is None
    assert (history.read(), commands.run) == ([older, good], [])


def test_a_rollback_that_failed_leaves_the_history(
    repository: Repository, stage: Stage, history: ReleaseHistory, commands: Commands
) -> None:
    commits = [repository.commit({"mark": str(number)}) for number in range(2)]
    for commit in commits:
        deployment.deploy(make_release(repository.root, commit), stage, history, commands)
    commands.failing = ("sam", "deploy")
    with pytest.raises(DeliveryFailed):
        deployment.roll_back(repository.root, stage, history, commits[1], commands)
    assert history.read() == commits


RUNS = ("github 7-1", "github 7-2")


@pytest.fixture
def run_of(history: ReleaseHistory, stage: Stage) -> Callable[[str], ReleaseHistory]:
    """The stage's history as a pipeline's run writes it."""
    return lambda run: ReleaseHistory(history._ssm, stage.stack, run)


@pytest.mark.parametrize("second", [*RUNS, BY_HAND], ids=["the same run", "another run", "by hand"])
@pytest.mark.parametrize("failing", [("sam", "build"), ("sam", "deploy"), ()], ids=["build", "deployment", "nothing"])
def test_a_rerun_takes_back_nothing_that_an_earlier_one_brought(
    repository: Repository,
    stage: Stage,
    run_of: Callable[[str], ReleaseHistory],
    commands: Commands,
    second: str,
    failing: tuple[str, ...],
) -> None:
    older, good = repository.git("rev-parse", "HEAD"), repository.commit({"mark": "good"})
    for commit in (older, good):
        deployment.deploy(make_release(repository.root, commit), stage, run_of(RUNS[0]), commands)
    commands.failing = failing
    rerun = run_of(second)
    if failing:
        with pytest.raises(DeliveryFailed):
            deployment.deploy(make_release(repository.root, good), stage, rerun, commands)
    else:
        deployment.deploy(make_release(repository.root, good), stage, rerun, commands)
    commands.failing = ()
    commands.run.clear()
    assert deployment.roll_back(repository.root, stage, rerun, good, commands) is None
    assert (rerun.read(), commands.run) == ([older, good], [])
    outcome = "failed" if failing else "unchanged"
    assert f"the latest deployment is {good} ({second}): {outcome}" in (rerun.reason_to_keep(good) or "")


def test_a_run_that_fails_before_it_deploys_takes_back_nothing(
    repository: Repository, stage: Stage, run_of: Callable[[str], ReleaseHistory], commands: Commands
) -> None:
    commits = [repository.git("rev-parse", "HEAD"), repository.commit({"mark": "good"})]
    for commit in commits:
        deployment.deploy(make_release(repository.root, commit), stage, run_of(RUNS[0]), commands)
    assert deployment.roll_back(repository.root, stage, run_of(RUNS[1]), commits[1], commands) is None
    run_of(RUNS[1]).confirm()
    assert deployment.roll_back(repository.root, stage, run_of(RUNS[0]), commits[1], commands)


def test_what_passed_its_smoke_test_is_kept_when_its_job_is_repeated_in_the_same_run(
    repository: Repository, stage: Stage, run_of: Callable[[str], ReleaseHistory], commands: Commands
) -> None:
    commits = [repository.git("rev-parse", "HEAD"), repository.commit({"mark": "good"})]
    history = run_of(RUNS[0])
    for commit in commits:
        deployment.deploy(make_release(repository.root, commit), stage, history, commands)
    history.confirm()
    assert deployment.roll_back(repository.root, stage, history, commits[1], commands) is None
    assert "smoke-tested" in (history.reason_to_keep(commits[1]) or "")


def test_a_rollback_is_not_repeated_and_its_commit_may_come_again(
    repository: Repository, stage: Stage, run_of: Callable[[str], ReleaseHistory], commands: Commands
) -> None:
    commits = [repository.git("rev-parse", "HEAD"), repository.commit({"mark": "bad"})]
    for commit in commits:
        deployment.deploy(make_release(repository.root, commit), stage, run_of(RUNS[0]), commands)
    assert deployment.roll_back(repository.root, stage, run_of(RUNS[0]), commits[1], commands)
    for run in RUNS:
        assert deployment.roll_back(repository.root, stage, run_of(run), commits[1], commands) is None
        assert run_of(run).read() == commits[:1]
    again = run_of(RUNS[1])
    deployment.deploy(make_release(repository.root, commits[1]), stage, again, commands)
    assert deployment.roll_back(repository.root, stage, again, commits[1], commands)


def test_what_was_deployed_before_deployments_were_on_record_is_kept(
    history: ReleaseHistory, repository: Repository, stage: Stage, commands: Commands
) -> None:
    commits = [f"{number:040x}" for number in range(2)]
    history._ssm.put_parameter(Name=history.name, Value=",".join(commits), Type="StringList")
    assert deployment.roll_back(repository.root, stage, history, commits[1], commands) is None
    assert "not on record" in (history.reason_to_keep(commits[1]) or "")


@pytest.mark.parametrize(
    ("environ", "run"),
    [
        ({"GITHUB_RUN_ID": "912", "GITHUB_RUN_ATTEMPT": "2"}, "github 912-2"),
        ({"CI_PIPELINE_ID": "77"}, "gitlab 77"),
        ({"CIRCLE_WORKFLOW_ID": "fda08377-fe7e"}, "circleci fda08377-fe7e"),
        ({"BUILD_TAG": "jenkins-mlops-main-12"}, "jenkins jenkins-mlops-main-12"),
        ({"HOME": "/home/ada"}, BY_HAND),
    ],
)
def test_a_run_is_named_as_its_ci_names_it(environ: dict[str, str], run: str) -> None:
    assert name_run(environ) == run


def test_the_same_release_again_is_one_release_and_the_oldest_are_forgotten(history: ReleaseHistory) -> None:
    commits = [f"{number:040x}" for number in range(KEPT + 3)]
    for commit in commits:
        history.add(commit)
        history.add(commit)
    assert history.read() == commits[-KEPT:]


def test_a_command_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match=r"sh -c ended with status 3"):
        deployment.run(["sh", "-c", "exit 3"], tmp_path)
