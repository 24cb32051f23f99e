"""Checks of the archives and layers of functions that moto doesn't make.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException, UnknownLayerVersionException

_MOST_LAYERS = 5
_LARGEST_UNZIPPED = 262_144_000


def check_upload(code: Mapping[str, Any]) -> None:
    """Raise if the archive in a request, in base64, isn't a zip."""
    given = code.get("ZipFile")
    if given is not None:
        check_archive(base64.b64decode(given))


def check_archive(content: bytes) -> None:
    """Raise unless `content` is a zip archive of at most 250 MB of files."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise InvalidParameterValueException(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size >= _LARGEST_UNZIPPED:
        raise InvalidParameterValueException(f"Unzipped size must be smaller than {_LARGEST_UNZIPPED} bytes")


def check_layers(arns: Sequence[str]) -> None:
    """Raise for more layers than a function can have, and for two versions of one."""
    if len(arns) > _MOST_LAYERS:
        raise InvalidParameterValueException(f"Cannot reference more than {_MOST_LAYERS} layers.")
    layers = [arn.rpartition(":")[0] for arn in arns]
    twice = [arn for arn, layer in zip(arns, layers, strict=True) if layers.count(layer) > 1]
    if twice:
        raise InvalidParameterValueException(
            "Two different versions of the same layer are not allowed to be referenced in the same function. "
            f"{' and '.join(twice)} are versions of the same layer."
        )


def known_layers(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap LambdaFunction._get_layers_data to answer a layer that doesn't exist as Lambda does."""

    def get_layers_data(function: Any, arns: Sequence[str]) -> Any:
        try:
            return original(function, arns)
        except UnknownLayerVersionException:
            raise InvalidParameterValueException(f"A layer version of {', '.join(arns)} does not exist.") from None

    return get_layers_data
