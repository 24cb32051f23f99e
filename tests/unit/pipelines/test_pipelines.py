"""The four pipelines do the same, and nothing but what scripts/ has."""

import os
import re
import subprocess
from collections.abc import Callable

import pytest

from tests.unit.pipelines import circleci, github, gitlab, jenkins
from tests.unit.pipelines.plan import APPROVAL, ON_FAILURE, ROOT, Step, UnexpectedShape

PIPELINES: dict[str, Callable[[], list[Step]]] = {
    "github": github.expand,
    "gitlab": gitlab.expand,
    "circleci": circleci.expand,
    "jenkins": jenkins.expand,
}
PARTS = ("unit", "integration", "localaws", "contract", "e2e", "browser", "sam")
EXPECTED = [
    Step("check", "scripts/check"),
    *(Step("test", f"scripts/test {part}") for part in PARTS),
    Step("train", "scripts/train-changed"),
    Step("build", "scripts/build"),
    Step("dev", "scripts/deploy dev", on_main=True),
    Step("dev", "scripts/smoke dev", on_main=True),
    Step("dev", "scripts/rollback dev --instead-of HEAD", ON_FAILURE, on_main=True),
    Step("prod", "", APPROVAL, on_main=True),
    Step("prod", "scripts/deploy prod", on_main=True),
    Step("prod", "scripts/smoke prod --read-only", on_main=True),
    Step("prod", "scripts/rollback prod --instead-of HEAD", ON_FAILURE, on_main=True),
]


@pytest.mark.parametrize("name", PIPELINES)
def test_each_pipeline_expands_to_the_same_steps(name: str) -> None:
    assert PIPELINES[name]() == EXPECTED


def test_every_part_of_the_tests_is_run() -> None:
    told = subprocess.run([ROOT / "scripts/test", "--help"], capture_output=True, text=True, check=True).stdout
    listed = re.search(r"every test, or a part: (.+)", told)
    assert listed
    assert set(listed[1].split()) == set(PARTS)


@pytest.mark.parametrize("script", sorted({step.command.split()[0] for step in EXPECTED if step.command}))
def test_each_script_is_one_that_explains_itself(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    done = subprocess.run([ROOT / script, "--help"], capture_output=True, text=True, check=True)
    assert f"usage: {script}" in " ".join(done.stdout.split()).replace("Usage:", "usage:")


def test_actions_are_pinned_by_commit_and_name_their_version() -> None:
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in github.actions())
    text = (ROOT / github.FILE).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if "uses:" in line and not re.search(r"# v\d+\.\d+\.\d+$", line)] == []


def test_images_are_pinned_by_digest_and_name_their_version_and_machines_by_full_version() -> None:
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+-\w+@sha256:[0-9a-f]{64}", gitlab.image())
    assert re.search(r"image: ubuntu-2404:\d{4}\.\d\d\.\d+\n", (ROOT / circleci.FILE).read_text(encoding="utf-8"))
    assert re.search(r"ubuntu-latest|:latest", (ROOT / github.FILE).read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("file", [github.FILE, gitlab.FILE, circleci.FILE, jenkins.FILE])
def test_no_pipeline_has_stored_keys_of_aws(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(r"AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|secrets\.", text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pipeline {\n    stages {\n    }\n", "pipeline isn't closed"),
        ("pipeline {\n}\n}\n", "line 3 closes what isn't open"),
        ("pipeline {\n    steps {\n    }\n}\n", "line 2: steps isn't a section of pipeline"),
        ('pipeline {\n    stage("a") {\n    }\n}\n', "line 2 isn't understood"),
    ],
)
def test_a_jenkinsfile_of_another_shape_is_refused_by_line(text: str, message: str) -> None:
    with pytest.raises(UnexpectedShape, match=re.escape(message)):
        jenkins.parse(text)
