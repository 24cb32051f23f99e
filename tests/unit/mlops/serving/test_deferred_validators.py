"""Validators wait for their first use, and are then the same."""

import os
import subprocess
import sys

import pytest
from pydantic import BaseModel, ValidationError

from mlops.serving.deferred_validators import deferred_validators
from tests.unit.test_architecture import FUNCTIONS

# FastAPI is imported once a process. Only OAuthFlows is built: it is the default of a parameter.
IMPORT = """
from mlops.serving.deferred_validators import deferred_validators
with deferred_validators():
    import fastapi
from fastapi.openapi import models
from pydantic import BaseModel
kinds = [kind for kind in vars(models).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]
assert len(kinds) > 30
built = {kind.__name__ for kind in kinds if kind.__pydantic_complete__} - {"BaseModel"}
assert built == {"OAuthFlows"}, built
answer = {"description": "", "content": {"text/plain": {"schema": {"properties": {"a": {"type": "string"}}}}}}
paths = {"/": {"get": {"responses": {"200": answer}}}}
document = models.OpenAPI.model_validate({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths})
assert document.info.title == "x"
(content,) = document.paths["/"].get.responses["200"].content.values()
assert isinstance(content.schema_.properties["a"], models.Schema)
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


def test_a_class_that_names_a_later_one_waits_for_its_first_use_too() -> None:
    with deferred_validators():

        class Early(BaseModel):
            later: "Later | None" = None

        class Later(BaseModel):
            number: int

        Early.model_rebuild()

    assert not Early.__pydantic_complete__
    later = Early.model_validate({"later": {"number": "1"}}).later
    assert isinstance(later, Later)
    assert later.number == 1


def test_a_class_can_be_used_at_once_or_be_built_on_demand() -> None:
    with deferred_validators():

        class Used(BaseModel):
            number: int

        class Built(BaseModel):
            number: int

        assert Used(number="1").number == 1  # type: ignore[arg-type]
        assert Built.model_rebuild(force=True)

    assert Used.__pydantic_complete__
    assert Built.__pydantic_complete__


def test_a_class_that_is_defined_afterwards_has_its_validator_at_once_again() -> None:
    rebuild = BaseModel.__dict__["model_rebuild"]
    with pytest.raises(RuntimeError), deferred_validators():
        raise RuntimeError

    class Later(BaseModel):
        number: int

    assert Later.__pydantic_complete__
    assert "defer_build" not in BaseModel.model_config
    assert BaseModel.__dict__["model_rebuild"] is rebuild


def test_fastapis_own_models_wait_and_work_when_they_are_used() -> None:
    environ = {**os.environ, "PYTHONPATH": str(FUNCTIONS)}
    done = subprocess.run([sys.executable, "-c", IMPORT], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
