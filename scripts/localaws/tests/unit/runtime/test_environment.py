from pathlib import Path
from typing import Any

import pytest

from localaws.runtime.environment import import_path, sandbox_environment
from localaws.runtime.function import FunctionConfig
from localaws.runtime.layout import Layout, own_root, shared_root

RUNTIME = Path("/runtime")


@pytest.fixture
def code(tmp_path: Path) -> Path:
    code = tmp_path / "code"
    code.mkdir()
    return code


def config(code: Path, **changes: Any) -> FunctionConfig:
    settings: dict[str, Any] = {"name": "fn", "environment": {}, "timeout": 3, "memory": 256, "region": "us-east-1"}
    return FunctionConfig(**{**settings, "handler": "app.handler", "code": code, **changes})


def arrange(function: FunctionConfig, scratch: Path, host: dict[str, str], *, isolated: bool = True) -> Layout:
    scratch.mkdir()
    pipes = {"control": scratch / "control", "log": scratch / "log"}
    return (own_root if isolated else shared_root)(function, scratch, RUNTIME, pipes, host)


def compose(code: Path, host: dict[str, str], *, isolated: bool = True, **changes: Any) -> dict[str, str]:
    function = config(code, **changes)
    layout = arrange(function, code.parent / "scratch", host, isolated=isolated)
    return sandbox_environment(function, layout, "stream")


@pytest.mark.parametrize("isolated", [True, False])
def test_only_the_paths_of_certificates_come_from_the_host(code: Path, *, isolated: bool) -> None:
    (code / "ca.pem").touch()
    host = {"HOME": "/home/me", "AWS_PROFILE": "mine", "PATH": "/home/me/bin", "SSL_CERT_FILE": str(code / "ca.pem")}
    variables = compose(code, {**host, "CURL_CA_BUNDLE": "/etc/hosts"}, isolated=isolated)
    assert variables["CURL_CA_BUNDLE"] == "/etc/hosts"
    assert variables["SSL_CERT_FILE"] == ("/var/rapid/SSL_CERT_FILE" if isolated else str(code / "ca.pem"))
    assert not {"/home/me", "mine", "/home/me/bin"} & set(variables.values())


def test_certificates_that_a_root_of_its_own_would_hide_are_shown_in_it(code: Path) -> None:
    (code / "ca.pem").touch()
    layout = arrange(config(code), code.parent / "scratch", {"SSL_CERT_FILE": str(code / "ca.pem")})
    assert layout.root is not None
    assert ("/var/rapid/SSL_CERT_FILE", (str(code / "ca.pem"),)) in layout.root.mounts


def test_reserved_variables_cannot_be_overridden_and_others_can(code: Path) -> None:
    variables = compose(code, {}, environment={"AWS_REGION": "mars", "_HANDLER": "x", "TZ": "Asia/Tokyo", "MINE": "1"})
    assert (variables["AWS_REGION"], variables["_HANDLER"]) == ("us-east-1", "app.handler")
    assert (variables["TZ"], variables["MINE"]) == ("Asia/Tokyo", "1")


def test_a_variable_that_would_change_the_emulator_is_not_passed_on(code: Path) -> None:
    assert "AWS_LAMBDA_MAX_CONCURRENCY" not in compose(code, {}, environment={"AWS_LAMBDA_MAX_CONCURRENCY": "8"})


def test_python_finds_its_library_whatever_the_template_sets(code: Path) -> None:
    variables = compose(code, {}, environment={"LD_LIBRARY_PATH": "/opt/mine"})
    assert variables["LD_LIBRARY_PATH"] == "/opt/mine:/var/lang/lib"


def test_imports_are_searched_in_the_task_then_the_layers_then_the_runtime(code: Path) -> None:
    function = config(code, environment={"PYTHONPATH": "/mine"})
    found = import_path(function, arrange(function, code.parent / "scratch", {}))
    assert found == "/var/task:/opt/python/lib/python3.13/site-packages:/opt/python:/var/runtime:/mine"


def test_without_a_root_of_its_own_the_last_layer_comes_first_and_its_site_packages_before_its_python_folder(
    code: Path,
) -> None:
    first, second = code.parent / "a", code.parent / "b"
    nested = second / "python" / "lib" / "python3.13" / "site-packages"
    for folder in (first / "python", nested):
        folder.mkdir(parents=True)
    function = config(code, layers=(first, second))
    layout = arrange(function, code.parent / "scratch", {}, isolated=False)
    assert layout.imports == tuple(map(str, (code, nested, second / "python", first / "python")))
    assert layout.path.endswith(f":{second}/bin:{first}/bin")
    assert layout.libraries.endswith(f":{second}/lib:{first}/lib")
