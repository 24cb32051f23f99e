"""What runs side by side, and in which order: the loop, local AWSs, integration tests, and files of the other tests."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from localaws_testing.ports import BLOCK, FIRST, LAST, WORKERS, blocks
from tests.workers import FOLDERS, ends_fixtures, order, share

ROOT = Path(__file__).parents[2]
FILE = "scripts/localaws/tests/unit/test_clock.py"


@pytest.mark.parametrize("file", ["tests/unit/cli/test_rows.py", "tests/browser/test_acts.py", FILE])
def test_tests_without_a_local_aws_are_shared_by_file(file: str) -> None:
    assert share(f"{file}::test_a[x/y::z]") == file


@pytest.mark.parametrize("folder", ["tests/e2e", "tests/contract", "tests/sam", "tests/new"])
def test_what_starts_the_loop_stays_in_one_worker(folder: str) -> None:
    assert share(f"{folder}/test_a.py::test_a") == "loop"


@pytest.mark.parametrize(
    ("folder", "name"), [("tests/integration", "integration"), ("scripts/localaws/tests/integration", "local AWS")]
)
def test_integration_tests_have_a_worker_of_their_own(folder: str, name: str) -> None:
    assert {share(f"{folder}/{part}/test_a.py::test_a") for part in ("serving", "metrics")} == {name}


def test_every_folder_of_tests_is_assigned() -> None:
    known = [folder for folders in FOLDERS.values() for folder in folders]
    files = [*ROOT.glob("tests/**/test_*.py"), *ROOT.glob("scripts/localaws/tests/**/test_*.py")]
    assert len(files) > 500
    for file in files:
        place = str(file.relative_to(ROOT))
        assert share(place) == place or place.startswith(tuple(known)), place


def test_long_shares_are_first_and_then_files_with_many_tests() -> None:
    nodeids = [
        "tests/unit/test_a.py::test_a",
        "tests/integration/test_b.py::test_b",
        "tests/unit/test_c.py::test_c",
        f"{FILE}::test_d",
        f"{FILE}::test_e",
        "tests/sam/test_f.py::test_f",
        "scripts/localaws/tests/integration/test_g.py::test_g",
        "tests/e2e/test_h.py::test_h",
        "tests/browser/test_i.py::test_i",
    ]
    keys = order(nodeids)
    assert [nodeid[-1] for nodeid in sorted(nodeids, key=lambda nodeid: keys[nodeid])] == list("fhbgideac")


def test_workers_take_ports_that_no_other_one_takes() -> None:
    firsts = [first for number in range(WORKERS) for first in blocks(f"gw{number}")]
    ports = [first + offset for first in firsts for offset in range(BLOCK)]
    assert len(ports) == len(set(ports)) == LAST - FIRST
    assert set(blocks(None)) == set(firsts)


def test_the_loop_in_containers_ends_before_the_other_one_starts() -> None:
    contract = "tests/contract/test_api.py::test_it_is_healthy"
    nodeids = [
        f"{contract}[sam-local]",
        f"{contract}[local-aws]",
        "tests/e2e/test_a.py::test_a",
        "tests/sam/test_b.py::test_b",
    ]
    keys = order(nodeids)
    ordered = sorted(nodeids, key=lambda nodeid: keys[nodeid])
    assert ordered == [nodeids[0], nodeids[3], nodeids[1], nodeids[2]]
    files = ["tests/unit/test_c.py::test_c", "tests/unit/test_d.py::test_d"]
    ends = [ends_fixtures(*pair) for pair in pairwise([*ordered, *files])]
    assert ends == [False, True, False, True, False]


CONFTEST = """
import os
import pytest
from pathlib import Path
from tests.workers import Shares

def pytest_configure(config):
    config.pluginmanager.register(Shares(), "shares")

@pytest.fixture(scope="session")
def world(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORLD", "on")
        yield

def pytest_runtest_logreport(report):
    worker = getattr(report, "worker_id", "main")
    if report.when == "call" and "PYTEST_XDIST_WORKER" not in os.environ:
        with Path("log").open("a") as log:
            print(worker, report.nodeid, report.outcome, file=log)
"""
IN_A_WORLD = "def test_a(world): pass\ndef test_b(world): pass\n"
OUTSIDE = "import os\ndef test_c(): assert 'WORLD' not in os.environ\n"


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_worker_runs_one_share_after_the_other_and_what_a_share_started_ends_with_it(
    tmp_path: Path, workers: int
) -> None:
    files = {
        "conftest.py": CONFTEST,
        "tests/e2e/test_loop.py": IN_A_WORLD,
        "tests/integration/test_parts.py": OUTSIDE,
        "tests/unit/test_one.py": OUTSIDE,
        "tests/unit/test_two.py": OUTSIDE.replace("def test_c", "def test_d(): pass\ndef test_c"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    options = ["-p", "no:cacheprovider", "-o", f"pythonpath={ROOT}", "--import-mode=importlib", "-n", str(workers)]
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), *options, "tests"]
    # Not as a worker of the run that this test is a part of.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    runs = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    assert {outcome for *_, outcome in runs} == {"passed"}
    by_worker: dict[str, list[str]] = {}
    for worker, nodeid, _ in runs:
        by_worker.setdefault(worker, []).append(share(nodeid))
    done_by = [(worker, name) for worker, names in by_worker.items() for name in dict.fromkeys(names)]
    assert len(done_by) == 4, done_by
    assert ("Minutes of each share" in done.stdout) == (workers > 0)
    files_last = ["tests/unit/test_two.py"] * 2 + ["tests/unit/test_one.py"]
    if workers == 1:
        assert by_worker["gw0"] == ["loop", "loop", "integration", *files_last]
