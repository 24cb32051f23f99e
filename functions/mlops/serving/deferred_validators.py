"""Model classes without validators until they are used: FastAPI defines dozens that only documents need."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel


@contextmanager
def deferred_validators() -> Iterator[None]:
    """Within it, a model class is defined without its validator, which pydantic builds at the first use.

    It is pydantic's own setting, for all classes at once, except where a module calls `Model.model_rebuild()` once the
    classes that its annotations name are defined: FastAPI does so for half of OpenAPI's, a twentieth of a cold start.
    Within it such a call does nothing, since the first use resolves those names too; pydantic itself calls the method
    with arguments then.
    """
    rebuild = BaseModel.__dict__["model_rebuild"]

    def rebuild_if_asked(model: type[BaseModel], /, **options: Any) -> bool | None:
        answer: bool | None = rebuild.__get__(None, model)(**options) if options else None
        return answer

    BaseModel.model_config["defer_build"] = True
    BaseModel.model_rebuild = classmethod(rebuild_if_asked)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]
        del BaseModel.model_config["defer_build"]
