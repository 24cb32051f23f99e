"""moto's list of all models that were ever made, which would keep every message and object in memory."""

from __future__ import annotations

from typing import Any

from moto.core.common_models import BaseModel
from moto.s3.models import FakeKey

from localaws.moto_patches import MotoPatches


def forget_instances(patches: MotoPatches) -> None:
    """Let moto's models end with the last reference to them: the list is for moto's dashboard, which isn't served."""
    patches.replace(BaseModel, "__new__", lambda _: staticmethod(_new))
    # An object's content is closed with it; moto would warn that its list didn't do it.
    patches.replace(FakeKey, "__del__", lambda _: FakeKey.dispose)


def _new(model: type[Any], *_: Any, **__: Any) -> Any:
    return object.__new__(model)
