from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from localaws.builds.errors import BuildFailed
from localaws.builds.layer import build_layer

if TYPE_CHECKING:
    from .conftest import MakePool

MAKEFILE = """\
    build-SharedLayer:
    \tmkdir -p "$(ARTIFACTS_DIR)/python"
    \tcp shared.py "$(ARTIFACTS_DIR)/python/"
    \tpython3.13 -c "import sys; open('built-with', 'w').write(sys.version)"
    \techo built >> "$(COUNTER)"
"""


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    content = tmp_path / "content"
    content.mkdir()
    (content / "Makefile").write_text(dedent(MAKEFILE))
    (content / "shared.py").write_text("ANSWER = 42\n")
    monkeypatch.setenv("COUNTER", str(tmp_path / "counter"))
    return content


def builds(tmp_path: Path) -> int:
    return len((tmp_path / "counter").read_text().splitlines())


def test_a_makefile_builds_a_layer_that_a_function_imports(make_pool: MakePool, content: Path, tmp_path: Path) -> None:
    error: list[str] = []
    layer = build_layer("SharedLayer", content, "makefile", tmp_path / "cache", error.append)
    pool = make_pool("import shared\ndef handler(event, context): return shared.ANSWER", layers=(layer,))
    assert json.loads(pool.invoke(b"{}").payload) == 42
    assert error == ["building layer SharedLayer"]
    assert not (content / "built-with").exists()


def test_a_layer_is_built_again_only_when_its_content_changed(content: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = build_layer("SharedLayer", content, "makefile", cache, print)
    assert build_layer("SharedLayer", content, "makefile", cache, print) == first
    assert builds(tmp_path) == 1
    (content / "shared.py").write_text("ANSWER = 43\n")
    second = build_layer("SharedLayer", content, "makefile", cache, print)
    assert second != first
    assert (first / "python" / "shared.py").read_text() == "ANSWER = 42\n"
    assert (second / "python" / "shared.py").read_text() == "ANSWER = 43\n"
    assert builds(tmp_path) == 2


def test_a_failed_build_shows_its_output_and_leaves_no_complete_folder(content: Path, tmp_path: Path) -> None:
    (content / "Makefile").write_text(
        'build-SharedLayer:\n\tmkdir -p "$(ARTIFACTS_DIR)/python"\n\techo no space left >&2; exit 7\n'
    )
    for _ in range(2):
        with pytest.raises(BuildFailed, match="no space left"):
            build_layer("SharedLayer", content, "makefile", tmp_path / "cache", print)
    assert list((tmp_path / "cache").iterdir()) == []


def test_requirements_become_the_layers_python_folder(content: Path, tmp_path: Path) -> None:
    (content / "requirements.txt").write_text("six==1.17.0\n")
    layer = build_layer("SharedLayer", content, "python3.13", tmp_path / "cache", print)
    assert (layer / "python" / "six.py").is_file()


@pytest.mark.parametrize(
    ("method", "remove", "message"),
    [
        ("makefile", "Makefile", "has no Makefile"),
        ("nodejs22.x", "nothing", "BuildMethod 'nodejs22.x' isn't supported"),
    ],
)
def test_a_layer_that_cannot_be_built_is_reported_with_the_cause(
    content: Path, tmp_path: Path, method: str | None, remove: str, message: str
) -> None:
    (content / remove).unlink(missing_ok=True)
    with pytest.raises(BuildFailed, match=f"layer SharedLayer.*{message}"):
        build_layer("SharedLayer", content, method, tmp_path / "cache", print)


def test_without_make_the_remedy_is_named(content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildFailed, match="`make` isn't installed; install it"):
        build_layer("SharedLayer", content, "makefile", tmp_path / "cache", print)


def test_a_layer_without_a_build_method_is_taken_as_it_is(content: Path, tmp_path: Path) -> None:
    (content / "python").mkdir()
    assert build_layer("SharedLayer", content, None, tmp_path / "cache", print) == content


def test_a_layer_without_a_build_method_has_the_files_that_its_links_lead_to(content: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "package").mkdir(parents=True)
    (tmp_path / "elsewhere" / "package" / "data.txt").write_text("found")
    (content / "python").mkdir()
    (content / "python" / "package").symlink_to(tmp_path / "elsewhere" / "package")
    (content / "data.txt").symlink_to("../elsewhere/package/data.txt")
    (content / "same.py").symlink_to("shared.py")
    built = build_layer("SharedLayer", content, None, tmp_path / "cache", print)
    assert built != content
    assert (built / "python" / "package" / "data.txt").read_text() == "found"
    assert (built / "data.txt").read_text() == "found" and not (built / "data.txt").is_symlink()
    assert (built / "same.py").readlink() == Path("shared.py")


def test_a_layer_that_was_built_with_nothing_in_it_is_refused(content: Path, tmp_path: Path) -> None:
    (content / "Makefile").write_text("build-SharedLayer:\n\ttrue\n")
    with pytest.raises(BuildFailed, match="layer SharedLayer was built, but ARTIFACTS_DIR is empty"):
        build_layer("SharedLayer", content, "makefile", tmp_path / "cache", print)


def test_a_python_layer_has_its_files_and_their_requirements(content: Path, tmp_path: Path) -> None:
    (content / "mine.py").write_text("")
    (content / "requirements.txt").unlink(missing_ok=True)
    built = build_layer("SharedLayer", content, "python3.9", tmp_path / "cache", print)
    assert (built / "python" / "mine.py").is_file()
