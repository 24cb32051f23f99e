from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import MakePool

ENVIRONMENT = """
    import os, sys
    def handler(event, context):
        return {"variables": dict(os.environ), "path": sys.path, "cwd": os.getcwd()}
"""
IMPORT = """
    import importlib
    def handler(event, context):
        return importlib.import_module(event).__name__
"""


def ask(pool: Any, event: Any = None) -> Any:
    invocation = pool.invoke(json.dumps(event).encode())
    return json.loads(invocation.payload)


@pytest.mark.parametrize("package", ["sklearn", "pandas", "numpy", "moto", "pip"])
def test_a_package_of_the_project_is_importable_only_from_a_layer(make_pool: MakePool, package: str) -> None:
    answer = ask(make_pool(IMPORT), package)
    assert answer["errorType"] == "ModuleNotFoundError"
    assert answer["errorMessage"] == f"No module named '{package}'"


@pytest.mark.parametrize("package", ["boto3", "botocore", "awslambdaric"])
def test_the_packages_of_the_managed_runtime_are_importable(make_pool: MakePool, package: str) -> None:
    assert ask(make_pool(IMPORT), package) == package


def test_a_layer_is_importable_and_the_last_one_wins(make_pool: MakePool, tmp_path: Path) -> None:
    layers = []
    for name in ("one", "two"):
        folder = tmp_path / name / "python"
        folder.mkdir(parents=True)
        (folder / "shared.py").write_text(f"FROM = {name!r}")
        (folder / f"only_{name}.py").write_text("")
        layers.append(tmp_path / name)
    pool = make_pool("import shared, only_one\ndef handler(event, context): return shared.FROM", layers=tuple(layers))
    assert ask(pool) == "two"


@pytest.mark.proves("functions variables")
def test_no_variable_of_this_machine_leaks_in(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET", "leaked")
    monkeypatch.setenv("PYTHONSTARTUP", "leaked")
    monkeypatch.setenv("AWS_PROFILE", "leaked")
    assert "leaked" not in ask(make_pool(ENVIRONMENT))["variables"].values()


@pytest.mark.proves("functions variables")
def test_the_variables_that_aws_gives_are_there(make_pool: MakePool) -> None:
    pool = make_pool(ENVIRONMENT, environment={"MODELS_BUCKET": "b", "TZ": "Europe/Berlin", "AWS_REGION": "mars"})
    answer = ask(pool)
    variables = answer["variables"]
    assert {name: variables[name] for name in sorted(variables) if name in EXPECTED} == EXPECTED
    assert variables["LAMBDA_TASK_ROOT"] == answer["cwd"] == answer["path"][0] == "/var/task"
    assert variables["PYTHONPATH"].split(":")[0] == answer["cwd"]
    assert variables["LAMBDA_RUNTIME_DIR"] in answer["path"]
    assert not {"TMPDIR", "PYTHONDONTWRITEBYTECODE", "HOME"} & variables.keys()
    assert not [name for name in variables if name.startswith(("LOCALAWS", "_LAMBDA", "AWS_LAMBDA_FUNCTION_TIMEOUT"))]


EXPECTED = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_FUNCTION_NAME": "fn",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/fn",
    "AWS_REGION": "eu-west-1",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    "MODELS_BUCKET": "b",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "TZ": "Europe/Berlin",
    "_HANDLER": "app.handler",
}


def test_running_does_not_change_the_source(make_pool: MakePool, tmp_path: Path) -> None:
    pool = make_pool("import helper\ndef handler(event, context): return 1")
    (tmp_path / "code" / "helper.py").write_text("")
    assert ask(pool) == 1
    assert sorted(path.name for path in (tmp_path / "code").rglob("*")) == ["app.py", "helper.py"]


@pytest.mark.parametrize("own", [{}, {"GOMAXPROCS": "3"}])
def test_the_emulators_settings_are_hidden_from_the_function(make_pool: MakePool, own: dict[str, str]) -> None:
    variables = ask(make_pool(ENVIRONMENT, environment=own))["variables"]
    assert {name: value for name, value in variables.items() if name.startswith("GO")} == own
