"""Builds what a template needs, and gives each built thing the uri that stands for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from localaws.lambdas.code import SOURCE_BUCKET, ImageStore, pointer
from localaws.runtime.build import digest_of
from localaws.runtime.dockerignore import DockerIgnore
from localaws.runtime.image import Image, build_image
from localaws.runtime.layer import build_layer


class LocalBuilders:
    """Builds layers and images under `state`, and puts pointers to folders into the source bucket."""

    def __init__(self, state: Path, s3: Any, images: ImageStore, progress: Callable[[str], None]) -> None:
        self._state, self._s3, self._images, self._progress = state, s3, images, progress

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:
        """Build a layer; its folder."""
        return build_layer(logical_id, content, build_method, self._state / "layers", self._progress)

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        """Build a container image; its uri."""
        image = build_image(dockerfile, context, dict(arguments), self._state / "images", self._progress)
        return self._images.add(logical_id, image)

    def source(self, folder: Path) -> str:
        """The s3 uri that stands for a folder that's run in place."""
        key, content = pointer(folder)
        self._s3.put_object(Bucket=SOURCE_BUCKET, Key=key, Body=content)
        return f"s3://{SOURCE_BUCKET}/{key}"


class NoBuilders(LocalBuilders):
    """Builds nothing: the functions run in containers, from what `sam build` has made of them."""

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:  # noqa: ARG002
        """The folder with the layer's source."""
        return content

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        """The uri of an image that has its Dockerfile's name and nothing in it."""
        ignore = DockerIgnore.of(dockerfile, context)
        digest = digest_of(dockerfile, *(f"{name}={value}" for name, value in sorted(arguments.items())))
        image = Image(digest, self._state, "in.container", {}, (), context, ignore)
        return self._images.add(logical_id, image)
