from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localaws.runtime import edits
from localaws.runtime.edits import CodeWatch
from localaws.runtime.filesystems import Mounts


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "inner").mkdir(parents=True)
    (folder / "app.py").write_text("one")
    (folder / "inner" / "deep.py").write_text("one")
    return folder


@pytest.fixture(params=["watched", "scanned"])
def watch(request: pytest.FixtureRequest, code: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CodeWatch]:
    """With the kernel's help, and without as in a shared folder."""
    if request.param == "scanned":
        monkeypatch.setattr(Mounts, "is_local", lambda *_: False)
    with CodeWatch([str(code)]) as watch:
        yield watch


def replace(path: Path, text: str) -> None:
    """As editors save: a new file takes the place of the old one."""
    new = path.with_name("new.tmp")
    new.write_text(text)
    new.rename(path)


EDITS: dict[str, Callable[[Path], object]] = {
    "a file is written": lambda code: (code / "app.py").write_text("longer"),
    "a file is replaced": lambda code: replace(code / "app.py", "longer"),
    "a file is touched": lambda code: os.utime(code / "app.py", (1, 1)),
    "a file is made": lambda code: (code / "new.py").touch(),
    "a file is removed": lambda code: (code / "app.py").unlink(),
    "a file is renamed": lambda code: (code / "app.py").rename(code / "other.py"),
    "a nested file is written": lambda code: (code / "inner" / "deep.py").write_text("longer"),
    "a folder is removed": lambda code: shutil.rmtree(code / "inner"),
    "a folder comes from elsewhere": lambda code: shutil.copytree(code / "inner", code / "copied"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_changes_the_signature_at_once(watch: CodeWatch, code: Path, edit: Callable[[Path], object]) -> None:
    before = watch.signature()
    edit(code)
    after = watch.signature()
    assert after != before
    assert watch.signature() == after


def test_a_new_folder_is_watched_too(watch: CodeWatch, code: Path) -> None:
    (code / "new").mkdir()
    before = watch.signature()
    (code / "new" / "file.py").touch()
    assert watch.signature() != before


def test_an_edit_is_noticed_before_the_file_is_closed(watch: CodeWatch, code: Path) -> None:
    before = watch.signature()
    with (code / "app.py").open("a") as file:
        file.write("more")
        file.flush()
        assert watch.signature() != before


def test_compiled_files_are_no_code(watch: CodeWatch, code: Path) -> None:
    before = watch.signature()
    (code / "__pycache__").mkdir()
    (code / "__pycache__" / "app.pyc").touch()
    assert watch.signature() == before


def test_the_target_of_a_link_is_watched(watch: CodeWatch, code: Path, tmp_path: Path) -> None:
    (tmp_path / "shared.py").write_text("one")
    (code / "linked.py").symlink_to(tmp_path / "shared.py")
    first = watch.signature()
    (tmp_path / "shared.py").write_text("longer")
    second = watch.signature()
    assert second != first
    replace(tmp_path / "shared.py", "longer still")
    assert watch.signature() != second


def test_a_dangling_link_is_checked_again(watch: CodeWatch, code: Path, tmp_path: Path) -> None:
    (code / "linked.py").symlink_to(tmp_path / "later.py")
    before = watch.signature()
    (tmp_path / "later.py").touch()
    assert watch.signature() != before


def test_a_folder_that_replaces_the_code_is_noticed(watch: CodeWatch, code: Path, tmp_path: Path) -> None:
    before = watch.signature()
    (tmp_path / "other").mkdir()
    code.rename(tmp_path / "old")
    (tmp_path / "other").rename(code)
    assert watch.signature() != before
    (code / "app.py").write_text("one")
    assert watch.signature() != ()


def test_code_that_is_gone_raises_until_it_is_back(watch: CodeWatch, code: Path, tmp_path: Path) -> None:
    before = watch.signature()
    code.rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            watch.signature()
    (tmp_path / "away").rename(code)
    assert watch.signature() == before


def test_a_file_can_be_watched_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("one")
    with CodeWatch([str(file)]) as watch:
        before = watch.signature()
        replace(file, "longer")
        after = watch.signature()
        assert after != before
        file.write_text("longer still")
        assert watch.signature() != after


def test_code_that_nobody_edits_is_read_once(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with CodeWatch([str(code)]) as watch:
        before = watch.signature()
        monkeypatch.setattr(edits, "sign", lambda *_: pytest.fail("scanned"))
        assert watch.signature() is before


def test_code_is_scanned_where_the_user_may_watch_no_more(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(edits, "INotify", full)
    with CodeWatch([str(code)]) as watch:
        before = watch.signature()
        (code / "app.py").write_text("longer")
        assert watch.signature() != before


def test_uploaded_code_has_one_signature() -> None:
    with CodeWatch([]) as watch:
        assert watch.signature() == watch.signature() == ()
