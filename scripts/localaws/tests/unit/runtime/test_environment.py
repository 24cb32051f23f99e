from pathlib import Path
from typing import Any

from localaws.runtime.environment import import_path, sandbox_environment
from localaws.runtime.function import FunctionConfig

TASK, RUNTIME = Path("/task"), Path("/runtime")


def config(**changes: Any) -> FunctionConfig:
    settings: dict[str, Any] = {"name": "fn", "environment": {}, "timeout": 3, "memory": 256, "region": "us-east-1"}
    return FunctionConfig(**{**settings, "handler": "app.handler", "code": TASK, **changes})


def compose(host: dict[str, str], **changes: Any) -> dict[str, str]:
    return sandbox_environment(config(**changes), TASK, RUNTIME, Path("/tmp/own"), "stream", host)


def test_only_the_paths_of_certificates_come_from_the_host() -> None:
    host = {"HOME": "/home/me", "AWS_PROFILE": "mine", "PATH": "/home/me/bin", "SSL_CERT_FILE": "/ca.pem"}
    variables = compose(host)
    assert variables["SSL_CERT_FILE"] == "/ca.pem"
    assert not {"/home/me", "mine", "/home/me/bin"} & set(variables.values())


def test_reserved_variables_cannot_be_overridden_and_others_can() -> None:
    variables = compose({}, environment={"AWS_REGION": "mars", "_HANDLER": "x", "TZ": "Asia/Tokyo", "MINE": "1"})
    assert (variables["AWS_REGION"], variables["_HANDLER"]) == ("us-east-1", "app.handler")
    assert (variables["TZ"], variables["MINE"]) == ("Asia/Tokyo", "1")


def test_a_variable_that_would_change_the_emulator_is_not_passed_on() -> None:
    assert "AWS_LAMBDA_MAX_CONCURRENCY" not in compose({}, environment={"AWS_LAMBDA_MAX_CONCURRENCY": "8"})


def test_imports_are_searched_in_the_task_then_the_last_layer_then_the_runtime() -> None:
    found = import_path(config(layers=(Path("/a"), Path("/b")), environment={"PYTHONPATH": "/mine"}), TASK, RUNTIME)
    assert found == "/task:/b/python:/a/python:/runtime:/mine"


def test_a_layers_site_packages_come_before_its_python_folder(tmp_path: Path) -> None:
    nested = tmp_path / "python" / "lib" / "python3.13" / "site-packages"
    nested.mkdir(parents=True)
    assert import_path(config(layers=(tmp_path,)), TASK, RUNTIME) == f"/task:{nested}:{tmp_path / 'python'}:/runtime"
