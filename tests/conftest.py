"""The two loops that several folders use, each started once: on local AWS, and in containers beside it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.loops import Loop, Served, Started

# A busy machine draws examples slowly; that says nothing of what is tested.
hypothesis.settings.register_profile("project", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("project")
# What `scripts/start --docker` exits with where there's no Docker to be had.
NO_DOCKER = 3
# From nothing: packages, an image to start from, the training image.
DOCKER_SECONDS = 900
NO_CONTAINERS = "NO DOCKER HERE, SO NOTHING WAS TESTED IN CONTAINERS"
_TEST_SCORE = re.compile(
    r"test_ml_test_score\.py::test_(?P<section>data|model|infrastructure|monitoring)_(?P<number>\d)_"
)
_IN_CONTAINERS = {"docker_loop", "served", "sam", "target"}


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """`scripts/start`, with its example dataset; AWS settings of this process point at it."""
    from tests.loops import running_loop

    with running_loop() as found:
        yield found


@pytest.fixture(scope="session")
def docker_loop() -> Iterator[Started]:
    """`scripts/start --docker` without a dataset; tests that need it are skipped, loudly, where Docker can't start."""
    from tests.leftovers import Leftovers
    from tests.loops import READY, start

    before = Leftovers.now()
    started = start("--docker", "--no-dataset", "--no-mlflow")
    try:
        if not started.reaches(READY, DOCKER_SECONDS):
            assert started.process.returncode == NO_DOCKER, started.output
            pytest.skip(f"{NO_CONTAINERS}: {started.output}")
        yield started
        assert started.process.poll() is None, f"the loop ended during the tests:\n{started.output}"
    finally:
        assert started.stop() in (0, NO_DOCKER), started.output
    left = Leftovers.now().since(before)
    assert not left, f"{left}\n{started.output}"


@pytest.fixture(scope="session")
def served(docker_loop: Started, dataset: bytes) -> Served:
    """The loop in containers with its first version; `unready` is what its API answered before there was one."""
    import boto3

    from tests.loops import Served

    with docker_loop.connect(timeout=60) as api:
        unready = api.post("/predict", json={"rows": [{}]})
    settings = docker_loop.aws
    session: Any = boto3.Session(
        settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"], region_name=settings["AWS_DEFAULT_REGION"]
    )
    found = Served(docker_loop, unready, lambda name: session.client(name, endpoint_url=settings["AWS_ENDPOINT_URL"]))
    report = found.put("diagnosis.csv", dataset)
    assert report["outcome"] == "promoted", report
    return found


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The example dataset, as `scripts/mlops data example diagnosis` writes it."""
    from tests.loops import ROOT

    folder = tmp_path_factory.mktemp("dataset")
    subprocess.run([ROOT / "scripts/mlops", "data", "example", "diagnosis", folder], check=True, capture_output=True)
    return (folder / "diagnosis.csv").read_bytes()


def pytest_configure(config: pytest.Config) -> None:
    """Let the tests run by their shares, those outside of this folder too."""
    from tests.workers import Shares

    config.pluginmanager.register(Shares(), "shares")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Give the first test that needs containers the time to build them: a fixture's time is its test's."""
    for item in items:
        if _IN_CONTAINERS & set(item.fixturenames):
            item.add_marker(pytest.mark.timeout(DOCKER_SECONDS + 300))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end what the machine kept from being tested, in red, and the ML Test Score."""
    skipped = (report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    reason = next((reason for reason in skipped if NO_CONTAINERS in reason), None)
    if reason:
        terminalreporter.section("NO DOCKER: nothing was tested in containers", red=True, bold=True)
        terminalreporter.write_line(reason, red=True)
    _print_test_score(terminalreporter)


def _print_test_score(terminalreporter: Any) -> None:
    """The ML Test Score (E. Breck and others, 2017): a point for each automated test; the least section counts."""
    outcomes: dict[str, dict[int, bool]] = {}
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            if found := _TEST_SCORE.search(report.nodeid):
                tests = outcomes.setdefault(found["section"], {})
                number = int(found["number"])
                tests[number] = tests.get(number, True) and outcome == "passed"
    if outcomes:
        points = {section: sum(tests.values()) for section, tests in sorted(outcomes.items())}
        told = ", ".join(f"{section} {count} of 7" for section, count in points.items())
        terminalreporter.section("The ML Test Score")
        terminalreporter.write_line(f"{told}: the least counts, {min(points.values())}")
