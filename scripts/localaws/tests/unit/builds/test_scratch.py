import os
import signal
import subprocess
import sys
from pathlib import Path

from localaws.builds.scratch import Scratch, remove_abandoned

HOLDER = """
import signal, sys
from pathlib import Path
from localaws.builds.scratch import Scratch
scratch = Scratch(Path(sys.argv[1]), "held.")
(scratch.path / "file").touch()
print(scratch.path, flush=True)
signal.pause()
"""


def test_a_folder_is_removed_at_the_end(tmp_path: Path) -> None:
    with Scratch(tmp_path / "parent", "mine.") as scratch:
        assert scratch.path.is_dir() and scratch.path.name.startswith("mine.")
        (scratch.path / "file").touch()
    assert list((tmp_path / "parent").iterdir()) == []


def test_a_folder_that_was_moved_stays(tmp_path: Path) -> None:
    with Scratch(tmp_path, "mine.") as scratch:
        scratch.path.rename(tmp_path / "complete")
    assert [path.name for path in tmp_path.iterdir()] == ["complete"]


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as holder, Scratch(tmp_path, "own.") as own:
        assert holder.stdout
        held = Path(holder.stdout.readline().strip())
        (tmp_path / "file").touch()
        (tmp_path / "link").symlink_to(tmp_path)
        remove_abandoned(tmp_path)
        assert {held, own.path} < set(tmp_path.iterdir())
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait(10)
        remove_abandoned(tmp_path, "other.")
        assert held.is_dir()
        remove_abandoned(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {own.path.name, "file", "link"}


def test_there_is_nothing_to_remove_in_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    remove_abandoned(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_the_lock_is_not_inherited_by_child_processes(tmp_path: Path) -> None:
    with Scratch(tmp_path, "mine."), subprocess.Popen(["sleep", "600"]) as child:
        (folder,) = tmp_path.iterdir()
        open_files = [path.readlink() for path in Path(f"/proc/{child.pid}/fd").iterdir()]
        assert folder not in open_files
        child.kill()
