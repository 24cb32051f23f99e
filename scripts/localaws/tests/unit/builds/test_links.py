from pathlib import Path

from localaws.builds.links import outward_links


def test_links_that_lead_out_of_a_folder_are_found(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    (folder / "inner" / "__pycache__").mkdir(parents=True)
    (outside / "package").mkdir(parents=True)
    for path in (folder / "own.py", outside / "other.py"):
        path.touch()
    links: dict[str, str | Path] = {
        "out.py": "../outside/other.py",
        "inner/package": outside / "package",
        "absolute.py": folder / "own.py",
        "inner/inside.py": "../own.py",
        "dangling.py": "../outside/gone.py",
        "inner/__pycache__/cached.py": outside / "other.py",
        "chained.py": "out.py",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    assert outward_links(folder) == {
        "out.py": outside / "other.py",
        "inner/package": outside / "package",
        "absolute.py": folder / "own.py",
        "chained.py": outside / "other.py",
    }
    assert outward_links(folder / "inner")["inside.py"] == folder / "own.py"
