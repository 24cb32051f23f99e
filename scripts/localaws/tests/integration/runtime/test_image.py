from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localaws.builds.errors import BuildFailed, UnsupportedDockerfile
from localaws.builds.image import build_image

if TYPE_CHECKING:
    from .conftest import MakePool

DOCKERFILE = """\
FROM public.ecr.aws/lambda/python:3.13
ARG GREETING=hello
ENV MODEL_HOME=${LAMBDA_TASK_ROOT}/models GREETING=$GREETING
COPY layers/training/requirements.txt ./
RUN pip install --no-cache-dir --no-deps -r requirements.txt
COPY functions/ ${LAMBDA_TASK_ROOT}/
CMD ["train.handler"]
"""
HANDLER = """\
import os, sys
from pathlib import Path
import six
from library import helper
def handler(event, context):
    return {
        "six": six.__version__,
        "helper": helper.NAME,
        "variables": dict(os.environ),
        "files": sorted(str(path.relative_to(Path.cwd())) for path in Path.cwd().rglob("*") if path.is_file()),
    }
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    context = tmp_path / "context"
    for path, text in {
        "layers/training/Dockerfile": DOCKERFILE,
        "layers/training/requirements.txt": "six==1.17.0\n",
        "functions/train.py": HANDLER,
        "functions/library/helper.py": "NAME = 'first'\n",
        "functions/secret.env": "KEY=1\n",
        ".dockerignore": "*\n!functions/\n!layers/training/\n**/*.env\n",
    }.items():
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        (context / path).write_text(text)
    return context


def build(context: Path, **args: str) -> Any:
    return build_image(context / "layers/training/Dockerfile", context, args, context.parent / "images", print)


def ask(pool: Any) -> Any:
    invocation = pool.invoke(b"{}")
    assert invocation.error is None, invocation.payload
    return json.loads(invocation.payload)


def test_an_image_runs_with_its_packages_its_files_and_its_variables(make_pool: MakePool, context: Path) -> None:
    pool = make_pool(image=build(context), handler=None, environment={"DATA_BUCKET": "b"})
    answer = ask(pool)
    variables = answer["variables"]
    assert answer["six"] == "1.17.0"
    assert answer["files"] == ["library/helper.py", "requirements.txt", "train.py"]
    assert variables["GREETING"] == "hello"
    assert variables["DATA_BUCKET"] == "b"
    assert variables["_HANDLER"] == "train.handler"
    assert variables["MODEL_HOME"] == variables["LAMBDA_TASK_ROOT"] + "/models"


def test_an_edit_in_an_images_code_is_live_at_the_next_call(make_pool: MakePool, context: Path) -> None:
    pool = make_pool(image=build(context), handler=None)
    assert ask(pool)["helper"] == "first"
    (context / "functions/library/helper.py").write_text("NAME = 'second'\n")
    (context / "functions/extra.py").write_text("")
    answer = ask(pool)
    assert answer["helper"] == "second"
    assert "extra.py" in answer["files"]


def test_packages_of_the_project_are_not_in_an_image(make_pool: MakePool, context: Path) -> None:
    (context / "functions/train.py").write_text("import pandas\n")
    invocation = make_pool(image=build(context), handler=None).invoke(b"{}")
    assert b"No module named 'pandas'" in invocation.payload


def test_packages_are_installed_again_only_when_requirements_changed(context: Path) -> None:
    first = build(context)
    (context / "functions/train.py").write_text("changed = True\n")
    assert build(context).packages == first.packages
    assert build(context).digest == first.digest
    assert build(context, GREETING="hi").digest != first.digest
    (context / "layers/training/requirements.txt").write_text("six==1.16.0\n")
    second = build(context)
    assert second.packages != first.packages
    assert second.digest != first.digest


def test_a_build_argument_replaces_its_default(context: Path) -> None:
    assert build(context, GREETING="hi").environment["GREETING"] == "hi"


def test_later_copies_override_earlier_ones(make_pool: MakePool, context: Path) -> None:
    (context / "functions/override.py").write_text("NAME = 'override'\n")
    dockerfile = context / "layers/training/Dockerfile"
    dockerfile.write_text(DOCKERFILE.replace("CMD", "COPY functions/override.py library/helper.py\nCMD"))
    assert ask(make_pool(image=build(context), handler=None))["helper"] == "override"


def test_all_missing_paths_are_reported_at_once(context: Path) -> None:
    dockerfile = context / "layers/training/Dockerfile"
    dockerfile.write_text(
        "FROM public.ecr.aws/lambda/python:3.13\nCOPY nowhere/ ./\nCOPY functions/secret.env ./\n"
        "RUN pip install -r other.txt\nRUN dnf install -y git\n"
    )
    with pytest.raises(UnsupportedDockerfile) as refused:
        build(context)
    assert [refusal.partition(",")[0] for refusal in refused.value.refusals] == [
        "line 5: RUN 'dnf install -y git' (only pip install and python -m compileall) isn't supported",
        "line 2: COPY of nowhere",
        "line 3: COPY of functions/secret.env",
        "line 4: pip's -r other.txt",
    ]


def test_a_package_that_cannot_be_installed_shows_the_installers_output(context: Path) -> None:
    (context / "layers/training/requirements.txt").write_text("./there-is-no-such-wheel-1.0-py3-none-any.whl\n")
    with pytest.raises(BuildFailed, match="there-is-no-such-wheel"):
        build(context)
    assert not [path for path in (context.parent / "images").iterdir() if not path.name.startswith(".")]


def test_a_missing_dockerfile_is_named(context: Path) -> None:
    (context / "layers/training/Dockerfile").unlink()
    with pytest.raises(BuildFailed, match="Dockerfile can't be read"):
        build(context)


def test_a_pattern_copies_matching_files_except_excluded_ones(context: Path) -> None:
    (context / "functions/train.pyc").touch()
    (context / "functions/more.env").touch()
    dockerfile = context / "layers/training/Dockerfile"
    dockerfile.write_text(
        "FROM public.ecr.aws/lambda/python:3.9\nCOPY functions/*.[pe]?* layers/training/require*.txt ./\n"
        'RUN python3.9 -m pip install -r requirements.txt -t .\nCMD ["train.handler"]\n'
    )
    printed: list[str] = []
    image = build_image(dockerfile, context, {}, context.parent / "images", printed.append)
    assert sorted(copied.destination for copied in image.copies) == ["requirements.txt", "train.py", "train.pyc"]
    assert (image.packages / "six.py").is_file()
    assert "note: the image for Python 3.9 runs on Python 3.13 (training)" in printed
    dockerfile.write_text("FROM public.ecr.aws/lambda/python:3.13\nCOPY *.nothing ./\n")
    with pytest.raises(UnsupportedDockerfile, match=r"line 2: COPY of \*\.nothing, which matches nothing in"):
        build(context)
