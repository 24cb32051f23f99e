"""The file system of a sandbox is that of AWS: /var/task, /opt, /tmp, and nothing of this machine but its system."""

from __future__ import annotations

import importlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localaws.runtime.errors import SandboxNotStarted

if TYPE_CHECKING:
    from .conftest import MakePool

pytestmark = pytest.mark.usefixtures("own_root")

LOOK = """
    import os, subprocess
    def handler(event, context):
        if "run" in event:
            ran = subprocess.run(event["run"], capture_output=True, text=True)
            return ran.stdout.strip() or ran.stderr.strip()
        if "write" in event:
            try:
                with open(event["write"], "w") as file:
                    file.write("x")
            except OSError as error:
                return os.strerror(error.errno)
            return "written"
        if "fill" in event:
            try:
                with open("/tmp/filled", "wb") as file:
                    for _ in range(event["fill"]):
                        file.write(bytes(1 << 20))
            except OSError as error:
                return os.strerror(error.errno)
            return os.path.getsize("/tmp/filled") >> 20
        return {path: os.path.isdir(path) and sorted(os.listdir(path)) or os.path.exists(path) for path in event["at"]}
"""


def ask(pool: Any, **event: Any) -> Any:
    invocation = pool.invoke(json.dumps(event).encode())
    assert invocation.error is None, invocation.payload
    return json.loads(invocation.payload)


def make_files(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder; those that begin as scripts do can be executed."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    return folder


@pytest.mark.proves("functions code")
def test_code_and_its_packages_are_in_var_task(make_pool: MakePool, tmp_path: Path) -> None:
    packages = make_files(tmp_path / "packages", {"six.py": "", "app.py": "raise ValueError('the code is first')"})
    (packages / "package").mkdir()
    pool = make_pool(LOOK, packages=(packages,))
    assert ask(pool, at=["/var/task"]) == {"/var/task": ["app.py", "package", "six.py"]}
    assert ask(pool, run=["pwd"]) == "/var/task"


@pytest.mark.proves("functions layers")
def test_layers_are_in_opt_and_the_last_one_is_over_the_others(make_pool: MakePool, tmp_path: Path) -> None:
    files = {"model.json": "1", "bin/tool": "#!/bin/sh\necho first", "python/one.py": ""}
    first = make_files(tmp_path / "a", files)
    files = {"data/rows.csv": "", "bin/tool": "#!/bin/sh\necho second", "python/two.py": ""}
    second = make_files(tmp_path / "b:,b", files)
    pool = make_pool(LOOK, layers=(first, second))
    assert ask(pool, at=["/opt", "/opt/python", "/opt/model.json", "/opt/data"]) == {
        "/opt": ["bin", "data", "model.json", "python"],
        "/opt/python": ["one.py", "two.py"],
        "/opt/model.json": True,
        "/opt/data": ["rows.csv"],
    }
    assert ask(pool, run=["tool"]) == "second"


@pytest.mark.proves("functions layers")
def test_a_layer_of_data_only_is_in_opt(make_pool: MakePool, tmp_path: Path) -> None:
    pool = make_pool(LOOK, layers=(make_files(tmp_path / "layer", {"ml/model.bin": "x"}),))
    assert ask(pool, at=["/opt", "/opt/ml"]) == {"/opt": ["ml"], "/opt/ml": ["model.bin"]}


@pytest.mark.proves("functions layers")
def test_a_library_of_a_layer_is_found_by_the_loader(make_pool: MakePool, tmp_path: Path) -> None:
    """By its name alone; it's a library of this machine, under a name that nothing else has."""
    layer = tmp_path / "layer"
    (layer / "lib").mkdir(parents=True)
    shutil.copy(importlib.import_module("_ctypes").__file__ or "", layer / "lib" / "libofalayer.so")
    source = """
        import ctypes
        def handler(event, context):
            try:
                ctypes.CDLL("libofalayer.so")
            except OSError as error:
                return str(error)
    """
    assert ask(make_pool(source, layers=(layer,))) is None
    assert "cannot open shared object" in ask(make_pool(source))


@pytest.mark.proves("functions layers")
def test_an_extension_of_a_layer_is_started(make_pool: MakePool, tmp_path: Path) -> None:
    source = """#!/var/lang/bin/python3.13
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension"
asked = urllib.request.Request(f"{api}/register", json.dumps({"events": ["INVOKE"]}).encode())
asked.add_header("Lambda-Extension-Name", "watcher")
with urllib.request.urlopen(asked) as answer:
    own = answer.headers["Lambda-Extension-Identifier"]
with open("/tmp/registered", "w") as file:
    file.write("yes")
while True:
    following = urllib.request.Request(f"{api}/event/next", headers={"Lambda-Extension-Identifier": own})
    urllib.request.urlopen(following).read()
"""
    layer = make_files(tmp_path / "layer", {"extensions/watcher": source})
    pool = make_pool(LOOK, layers=(layer,))
    assert ask(pool, at=["/tmp"]) == {"/tmp": ["registered"]}
    assert ask(pool, at=["/tmp"]) == {"/tmp": ["registered"]}


@pytest.mark.proves("functions read only", "functions code")
@pytest.mark.parametrize(
    "path", ["/var/task/app.py", "/var/task/new", "/opt/python/one.py", "/var/runtime/x", "/etc/x", "/x"]
)
def test_nothing_can_be_written_but_tmp(make_pool: MakePool, tmp_path: Path, path: str) -> None:
    layer = make_files(tmp_path / "layer", {"python/one.py": ""})
    pool = make_pool(LOOK, layers=(layer,))
    assert ask(pool, write=path) == "Read-only file system"
    assert ask(pool, write="/tmp/x") == "written"
    assert sorted(file.name for file in (tmp_path / "code").rglob("*")) == ["app.py"]


@pytest.mark.proves("functions read only")
def test_what_is_read_only_stays_so_for_the_superuser(make_pool: MakePool) -> None:
    pool = make_pool(LOOK)
    ask(pool, run=["mount", "-o", "remount,rw", "/var/task"])
    ask(pool, run=["umount", "/var/task"])
    assert ask(pool, write="/var/task/new") == "Read-only file system"


@pytest.mark.proves("functions tmp")
def test_each_sandbox_has_a_tmp_of_its_own_that_warm_calls_keep(make_pool: MakePool) -> None:
    slow = LOOK.replace("import os, subprocess", "import os, subprocess, time").replace(
        '        if "run"', '        time.sleep(0.3)\n        if "run"'
    )
    pool = make_pool(slow, max_concurrency=2)
    assert ask(pool, write="/tmp/only-in-a-sandbox") == "written"
    with ThreadPoolExecutor(2) as callers:
        found = [invocation["/tmp"] for invocation in callers.map(lambda _: ask(pool, at=["/tmp"]), range(2))]
    assert sorted(found, key=str) == [True, ["only-in-a-sandbox"]]  # an empty folder exists
    other = make_pool(LOOK, name="other")
    assert ask(other, at=["/tmp"]) == {"/tmp": True}
    assert not Path("/tmp/only-in-a-sandbox").exists()


@pytest.mark.proves("functions tmp")
@pytest.mark.parametrize(("storage", "fits", "over"), [(512, 500, 520), (600, 590, 610)])
def test_tmp_has_the_size_that_the_function_asks_for(make_pool: MakePool, storage: int, fits: int, over: int) -> None:
    pool = make_pool(LOOK, storage=storage, timeout=60)
    assert ask(pool, fill=fits) == fits
    assert ask(pool, fill=over) == "No space left on device"
    assert ask(pool, fill=1) == 1


@pytest.mark.proves("functions machine")
def test_files_of_this_machine_are_not_there(make_pool: MakePool, tmp_path: Path) -> None:
    home = str(Path.home())
    answer = ask(make_pool(LOOK), at=["/", "/home", "/root", "/srv", home, str(tmp_path), "/dev", "/opt", "/mnt"])
    assert not any(answer[path] for path in ("/home", "/root", "/srv", home, str(tmp_path), "/mnt"))
    assert answer["/opt"] is True
    assert answer["/dev"] == ["fd", "full", "null", "random", "stderr", "stdin", "stdout", "urandom", "zero"]
    assert {"etc", "opt", "proc", "tmp", "usr", "var"} <= set(answer["/"])


def test_packages_of_the_base_installation_are_not_a_childs_either(make_pool: MakePool) -> None:
    source = "import os; print(os.listdir('/var/lang/lib/python3.13/site-packages'))"
    assert ask(make_pool(LOOK), run=["python3", "-c", source]) == "[]"


@pytest.mark.proves("functions machine")
def test_semaphores_fail_as_on_aws_which_has_no_shared_memory(make_pool: MakePool) -> None:
    """https://aws.amazon.com/blogs/compute/parallel-processing-in-python-with-aws-lambda/"""
    pool = make_pool("""
        import multiprocessing
        def handler(event, context):
            try:
                multiprocessing.Queue()
            except OSError:
                return "no queue"
    """)
    assert ask(pool) == "no queue"


@pytest.mark.proves("functions code")
def test_a_link_out_of_the_source_folder_is_followed_as_by_sam_build(make_pool: MakePool, tmp_path: Path) -> None:
    shared = make_files(tmp_path / "shared", {"lib/helper.py": "NAME = 'first'", "single.py": "NAME = 'single'"})
    code = tmp_path / "code"
    code.mkdir()
    (code / "lib").symlink_to(shared / "lib")
    (code / "nested").mkdir()
    (code / "nested" / "single.py").symlink_to("../../shared/single.py")
    (code / "same.py").symlink_to("nested/single.py")
    (code / "dangling").symlink_to("nowhere")
    pool = make_pool("""
        import os
        from lib import helper
        from nested import single
        import same
        def handler(event, context):
            return [helper.NAME, single.NAME, same.NAME, os.path.realpath(helper.__file__)]
    """)
    assert ask(pool) == ["first", "single", "single", "/var/task/lib/helper.py"]
    (shared / "lib" / "helper.py").write_text("NAME = 'second'")
    assert ask(pool)[0] == "second"


def test_a_source_folder_may_have_the_state_folder_in_it(make_pool: MakePool, home: Path) -> None:
    """A template's folder is often the CodeUri; a call mustn't count as an edit, and sandboxes aren't code."""
    source = "import os\ndef handler(event, context): return [%r, os.getpid(), os.listdir('/var/task/state/sandboxes')]"
    (home.parent / "app.py").write_text(source % "old")
    pool = make_pool(code=home.parent)
    first, second = ask(pool), ask(pool)
    assert first == second == ["old", first[1], []]
    (home.parent / "app.py").write_text(source % "new")
    assert ask(pool)[0] == "new"


def test_without_a_root_of_its_own_a_function_has_its_layers_on_its_paths(make_pool: MakePool, tmp_path: Path) -> None:
    layer = make_files(tmp_path / "layer", {"bin/tool": "#!/bin/sh\necho found", "python/one.py": ""})
    packages = make_files(tmp_path / "packages", {"six.py": ""})
    source = f"{LOOK}\n    import one, six"
    pool = make_pool(source, isolated=False, layers=(layer,), packages=(packages,))
    assert ask(pool, run=["tool"]) == "found"
    assert ask(pool, run=["pwd"]) == str(tmp_path / "code")
    assert ask(pool, run=["sh", "-c", "echo $TMPDIR"]).startswith(str(tmp_path.parents[1]))


def test_a_root_that_cannot_be_made_is_reported_with_the_step_that_failed(make_pool: MakePool, tmp_path: Path) -> None:
    pool = make_pool(LOOK, layers=(tmp_path / "a", tmp_path / "b"))
    with pytest.raises(SandboxNotStarted, match="No such file or directory"):
        pool.invoke(b"{}")
