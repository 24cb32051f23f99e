"""The readers of a request's application, and models that are there."""

from typing import Annotated

from fastapi import Depends, Path, Request

from mlops.console.readers.readers import Readers
from mlops.console.session.gate import Reader
from mlops.errors.registry import ModelNotFound


def readers_of(request: Request) -> Readers:
    """What pages are made of."""
    found: Readers = request.app.state.readers
    return found


def known_model(request: Request, session: Reader, model: Annotated[str, Path()]) -> str:  # noqa: ARG001
    """The model in a path. Raises ModelNotFound."""
    if model not in readers_of(request).registry.models():
        raise ModelNotFound(model)
    return model


Model = Annotated[str, Depends(known_model)]
