"""Validators wait for their first use, and are then the same."""

import os
import subprocess
import sys

import pytest
from pydantic import BaseModel, ValidationError

from mlops.serving.deferred_validators import deferred_validators
from tests.unit.test_architecture import FUNCTIONS

# FastAPI is imported once a process.
IMPORT = """
from mlops.serving.deferred_validators import deferred_validators
with deferred_validators():
    import fastapi
from fastapi.openapi.models import Info, OpenAPI
assert not Info.__pydantic_complete__
assert not OpenAPI.__pydantic_complete__
document = OpenAPI.model_validate({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}})
assert document.info.title == "x"
"""


def test_a_class_that_is_defined_within_validates_as_any_other() -> None:
    with deferred_validators():

        class Inner(BaseModel):
            number: int

        class Outer(BaseModel):
            inner: Inner

    assert not Outer.__pydantic_complete__
    assert Outer.model_validate({"inner": {"number": "1"}}).inner.number == 1
    with pytest.raises(ValidationError):
        Outer.model_validate({"inner": {"number": "x"}})


def test_a_class_that_is_defined_afterwards_has_its_validator_at_once_again() -> None:
    with pytest.raises(RuntimeError), deferred_validators():
        raise RuntimeError

    class Later(BaseModel):
        number: int

    assert Later.__pydantic_complete__
    assert "defer_build" not in BaseModel.model_config


def test_fastapis_own_models_wait_and_work_when_they_are_used() -> None:
    environ = {**os.environ, "PYTHONPATH": str(FUNCTIONS)}
    done = subprocess.run([sys.executable, "-c", IMPORT], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
