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
    assert variables["LAMBDA_TASK_ROOT"] == "/var/task"
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
    assert build(context).built == first.built
    assert build(context).digest == first.digest
    assert build(context, GREETING="hi").digest != first.digest
    (context / "layers/training/requirements.txt").write_text("six==1.16.0\n")
    second = build(context)
    assert second.built != first.built
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
        "RUN pip install -r other.txt\nRUN curl https://example.org\n"
    )
    with pytest.raises(UnsupportedDockerfile) as refused:
        build(context)
    assert [refusal.partition(",")[0] for refusal in refused.value.refusals] == [
        "line 5: RUN 'curl https://example.org' (only pip install",
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
    assert sorted(copied.destination for copied in image.copies) == [
        "/var/task/requirements.txt",
        "/var/task/train.py",
        "/var/task/train.pyc",
    ]
    assert (image.built / "var/task/six.py").is_file()
    assert "note: the image for Python 3.9 runs on Python 3.13 (training)" in printed
    dockerfile.write_text("FROM public.ecr.aws/lambda/python:3.13\nCOPY *.nothing ./\n")
    with pytest.raises(UnsupportedDockerfile, match=r"line 2: COPY of \*\.nothing, which matches nothing in"):
        build(context)


ANYWHERE = """\
FROM public.ecr.aws/lambda/python:3.13
COPY model /opt/ml/model
COPY data/ /srv/data
COPY tool.sh /usr/local/bin/its-tool
COPY extra.py /var/lang/lib/python3.13/site-packages/
COPY module.py /lib/a-library/
WORKDIR /app
COPY app.py requirements.txt ./
RUN dnf install -y gcc-c++ && dnf clean all && rm -rf /var/cache/dnf
RUN python3.13 -m pip install -r requirements.txt -t ${LAMBDA_TASK_ROOT}
COPY app.py ${LAMBDA_TASK_ROOT}
CMD ["app.handler"]
"""
LOOK = """\
import os, subprocess
import extra, six
def handler(event, context):
    try:
        with open("/opt/ml/model", "a"):
            pass
    except OSError as error:
        problem = os.strerror(error.errno)
    return {
        "model": open("/opt/ml/model").read(),
        "data": sorted(os.listdir("/srv/data")),
        "tool": subprocess.run(["its-tool"], capture_output=True, text=True).stdout.strip(),
        "extra": extra.__file__,
        "six": six.__file__,
        "library": os.listdir("/lib/a-library"),
        "cwd": [os.getcwd(), sorted(os.listdir("."))],
        "task": sorted(os.listdir("/var/task")),
        "write": problem,
        "usr": os.path.exists("/usr/bin/env"),
    }
"""


@pytest.fixture
def anywhere(tmp_path: Path) -> Path:
    context = tmp_path / "anywhere"
    for path, text in {
        "Dockerfile": ANYWHERE,
        "model": "trained",
        "data/a.csv": "1",
        "data/b.csv": "2",
        "tool.sh": "#!/bin/sh\necho of the image",
        "extra.py": "",
        "module.py": "",
        "app.py": LOOK,
        "requirements.txt": "six==1.17.0\n",
    }.items():
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        (context / path).write_text(text)
    (context / "tool.sh").chmod(0o755)
    return context


@pytest.mark.usefixtures("own_root")
@pytest.mark.proves("images files anywhere", "images pip")
def test_the_files_of_an_image_are_where_its_dockerfile_puts_them(make_pool: MakePool, anywhere: Path) -> None:
    printed: list[str] = []
    image = build_image(anywhere / "Dockerfile", anywhere, {}, anywhere.parent / "images", printed.append)
    assert ask(make_pool(image=image, handler=None)) == {
        "model": "trained",
        "data": ["a.csv", "b.csv"],
        "tool": "of the image",
        "extra": "/var/lang/lib/python3.13/site-packages/extra.py",
        "six": "/var/task/six.py",
        "library": ["module.py"],
        "cwd": ["/app", ["app.py", "requirements.txt"]],
        "task": ["__pycache__", "app.py", "six-1.17.0.dist-info", "six.py"],
        "write": "Read-only file system",
        "usr": True,
    }
    note = "line 9: gcc-c++ isn't installed, since packages are built with this machine's tools"
    assert f"note: {note} (anywhere/Dockerfile)" in printed
    assert (anywhere / "model").read_text() == "trained"


@pytest.mark.proves("images files anywhere")
@pytest.mark.usefixtures("own_root")
def test_an_edit_of_a_file_that_is_copied_anywhere_is_live(make_pool: MakePool, anywhere: Path) -> None:
    pool = make_pool(
        image=build_image(anywhere / "Dockerfile", anywhere, {}, anywhere.parent / "images", print), handler=None
    )
    assert ask(pool)["model"] == "trained"
    (anywhere / "model").write_text("trained again")
    (anywhere / "data" / "c.csv").touch()
    answer = ask(pool)
    assert (answer["model"], answer["data"]) == ("trained again", ["a.csv", "b.csv", "c.csv"])


@pytest.mark.parametrize("isolated", [True, False])
def test_a_handler_cannot_change_the_files_that_its_image_copies(
    make_pool: MakePool, context: Path, obstacle: str | None, *, isolated: bool
) -> None:
    """Nor where functions share this machine's root: its image has copies then."""
    if isolated and obstacle:
        pytest.skip(f"sandboxes can't have a root of their own: {obstacle}")
    (context / "functions/train.py").write_text("""
def handler(event, context):
    try:
        with open(__file__, "w") as file:
            file.write("changed")
    except OSError as error:
        return str(error)
""")
    before = (context / "functions/train.py").read_text()
    found = ask(make_pool(image=build(context), handler=None, isolated=isolated))
    assert found == ("[Errno 30] Read-only file system: '/var/task/train.py'" if isolated else None)
    assert (context / "functions/train.py").read_text() == before


def test_a_link_in_a_build_context_is_copied_as_a_link(make_pool: MakePool, context: Path) -> None:
    (context / "functions/library/again.py").symlink_to("helper.py")
    (context / "functions/train.py").write_text(
        "import os\nfrom library import again\n"
        "def handler(event, context): return [again.NAME, os.readlink(again.__file__)]"
    )
    assert ask(make_pool(image=build(context), handler=None)) == ["first", "helper.py"]


def test_a_build_context_may_have_the_state_folder_in_it(make_pool: MakePool, home: Path) -> None:
    context = home.parent
    (context / "Dockerfile").write_text(
        'FROM public.ecr.aws/lambda/python:3.13\nCOPY . ${LAMBDA_TASK_ROOT}\nCMD ["whole.handler"]\n'
    )
    (context / "whole.py").write_text("import os\ndef handler(event, context): return os.path.exists('state')")
    image = build_image(context / "Dockerfile", context, {}, home / "images", print)
    assert ask(make_pool(image=image, handler=None)) is False
