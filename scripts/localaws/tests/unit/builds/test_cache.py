from pathlib import Path

import pytest

from localaws.builds.cache import build_once, digest_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "file").write_text("one")
    return folder


def test_a_digest_depends_on_names_contents_and_execute_bits_only(folder: Path) -> None:
    first = digest_of("x", folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_text("")
    (folder / "inner" / "file").write_text("one")
    assert digest_of("x", folder) == first
    assert digest_of("y", folder) != first
    (folder / "inner" / "file").chmod(0o755)
    changed = digest_of("x", folder)
    (folder / "inner" / "file").rename(folder / "inner" / "other")
    renamed = digest_of("x", folder)
    (folder / "inner" / "other").write_text("two")
    assert len({first, changed, renamed, digest_of("x", folder)}) == 4


def test_the_parts_of_a_digest_are_separated() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc")


def test_a_folder_is_built_once(tmp_path: Path) -> None:
    built: list[Path] = []

    def build(target: Path) -> None:
        built.append(target)
        (target / "done").touch()

    for _ in range(2):
        assert (build_once(tmp_path / "cache" / "x", build) / "done").exists()
    assert len(built) == 1


def test_an_interrupted_build_is_not_used(tmp_path: Path) -> None:
    def interrupted(target: Path) -> None:
        (target / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_once(tmp_path / "cache" / "x", interrupted)
    assert list((tmp_path / "cache").iterdir()) == []


def test_of_two_concurrent_builds_the_first_to_finish_wins(tmp_path: Path) -> None:
    place = tmp_path / "x"

    def slow(target: Path) -> None:
        (target / "slow").touch()
        build_once(place, lambda other: (other / "fast").touch())

    assert [path.name for path in build_once(place, slow).iterdir()] == ["fast"]
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
