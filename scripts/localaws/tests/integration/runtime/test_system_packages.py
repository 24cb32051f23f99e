"""The system's packages of an image: this machine's, or apt's, from a repository of the test's own."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localaws.builds.errors import BuildFailed, UnsupportedDockerfile
from localaws.builds.image import build_image

if TYPE_CHECKING:
    from .conftest import MakePool

LOOK = """
import os, subprocess
def handler(event, context):
    found = [os.path.exists(path) for path in ("/usr/share/localaws-base", "/usr/bin/env")]
    return [*found, os.listdir("/lib/localaws-sample")]
"""


def write_context(folder: Path, *commands: str) -> Path:
    folder.mkdir()
    runs = "".join(f"RUN {command}\n" for command in commands)
    (folder / "Dockerfile").write_text(
        f'FROM public.ecr.aws/lambda/python:3.13\n{runs}COPY app.py ./\nCMD ["app.handler"]\n'
    )
    (folder / "app.py").write_text(LOOK)
    return folder


def build(context: Path, printed: list[str], **options: Any) -> Any:
    return build_image(context / "Dockerfile", context, {}, context.parent / "images", printed.append, **options)


def make_package(folder: Path, name: str, file: str, depends: str = "") -> str:
    """Make a package with one file; returns its entry in the repository's index."""
    tree = folder / f"{name}.tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / file).parent.mkdir(parents=True)
    (tree / file).write_text("here")
    control = f"Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: none <none@example.org>\n"
    control += f"Depends: {depends}\n" if depends else ""
    (tree / "DEBIAN" / "control").write_text(f"{control}Description: a package of a test\n")
    archive = folder / f"{name}_1.0_all.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, archive], check=True, capture_output=True)
    content = archive.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return f"{control}Filename: ./{archive.name}\nSize: {len(content)}\nSHA256: {digest}\nDescription: of a test\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with `localaws-sample`, which needs `localaws-base`, as apt's only one."""
    if not shutil.which("apt-get"):
        pytest.skip("this machine has no apt")
    folder = tmp_path / "repository"
    folder.mkdir()
    entries = [
        make_package(folder, "localaws-base", "usr/share/localaws-base/file"),
        make_package(folder, "localaws-sample", "lib/localaws-sample/file", depends="localaws-base"),
    ]
    (folder / "Packages").write_text("\n".join(entries))
    (folder / "sources.list").write_text(f"deb [trusted=yes] file:{folder} ./\n")
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "apt.conf").write_text(
        f'Dir::Etc::SourceList "{folder}/sources.list";\nDir::Etc::SourceParts "{folder}/none";\n'
        f'Dir::State "{folder}/state";\nDir::State::status "/var/lib/dpkg/status";\nDir::Cache "{folder}/cache";\n'
        'APT::Sandbox::User "";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(folder / "apt.conf"))
    subprocess.run(["apt-get", "update", "-qq"], check=True, capture_output=True)
    return folder


@pytest.mark.usefixtures("own_root", "repository")
@pytest.mark.proves("images system packages")
def test_packages_that_this_machine_lacks_are_installed_for_the_image_only(make_pool: MakePool, tmp_path: Path) -> None:
    context = write_context(tmp_path / "context", "dnf install -y localaws-sample")
    printed: list[str] = []
    image = build(context, printed)
    answer = json.loads(make_pool(image=image, handler=None).invoke(b"{}").payload)
    assert answer == [True, True, ["file"]]
    assert "installing localaws-sample with apt, for context only" in printed
    assert not Path("/usr/share/localaws-base").exists()
    assert not Path("/lib/localaws-sample").exists()


@pytest.mark.usefixtures("repository")
def test_a_package_that_cannot_be_had_is_reported_with_its_line_and_apts_words(tmp_path: Path) -> None:
    context = write_context(tmp_path / "context", "yum update -y", "yum install -y no-repository-has-this")
    with pytest.raises(BuildFailed, match=r"line 3: finding packages failed.*\n.*no-repository-has-this"):
        build(context, [])


def test_without_apt_a_missing_package_is_refused_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    context = write_context(tmp_path / "context", "dnf install -y nobody-has-this gcc-c++")
    with pytest.raises(UnsupportedDockerfile) as refused:
        build(context, [])
    assert refused.value.refusals == (
        "line 2: the package nobody-has-this, which isn't on this machine (install it there)",
    )


def test_what_this_machine_has_is_shown_and_said(tmp_path: Path) -> None:
    """By its libraries and programs, whatever the package is called here; headers and compilers are for builds only."""
    context = write_context(
        tmp_path / "context", "yum install -y libstdc++ xz which", "dnf -y install libpq-devel cmake"
    )
    printed: list[str] = []
    build(context, printed)
    tools = "isn't installed, since packages are built with this machine's tools"
    assert {line for line in printed if line.startswith("note:")} == {
        "note: line 2: libstdc++ is that of this machine (context/Dockerfile)",
        "note: line 2: xz is that of this machine (context/Dockerfile)",
        "note: line 2: which is that of this machine (context/Dockerfile)",
        f"note: line 3: libpq-devel {tools} (context/Dockerfile)",
        f"note: line 3: cmake {tools} (context/Dockerfile)",
    }
