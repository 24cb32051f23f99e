"""Builds what a template needs, and gives each built thing the uri that stands for it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from localaws.builds.cache import build_once, digest_of
from localaws.builds.dockerignore import DockerIgnore
from localaws.builds.image import Image, build_image
from localaws.builds.layer import build_layer, build_public_layer
from localaws.builds.packages import build_packages
from localaws.lambdas.code import SOURCE_BUCKET, ImageStore, pointer, unpack
from localaws.resource_types.base import Clients
from localaws.template.public_layers import PublicLayer


class LocalBuilders:
    """Builds layers and images under `state`, and puts pointers to folders into the source bucket."""

    def __init__(self, state: Path, clients: Clients, images: ImageStore, progress: Callable[[str], None]) -> None:
        self._state, self._clients, self._images, self._progress = state, clients, images, progress

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:
        """Build a layer; its folder."""
        return build_layer(logical_id, content, build_method, self._state / "layers", self._progress)

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        """Build a container image; its uri."""
        image = build_image(dockerfile, context, dict(arguments), self._state / "images", self._progress)
        return self._images.add(logical_id, image)

    def public_layer(self, layer: PublicLayer) -> str:
        """Install what stands for a layer that others publish, and publish it here; its ARN."""
        folder = build_public_layer(layer.name, layer.requirement, self._state / "layers", self._progress)
        key = self.source(folder).removeprefix(f"s3://{SOURCE_BUCKET}/")
        made = self._clients("lambda").publish_layer_version(
            LayerName=layer.name, Content={"S3Bucket": SOURCE_BUCKET, "S3Key": key}
        )
        self._progress(f"note: layer {layer.name} is what PyPI has as {layer.requirement} here")
        return str(made["LayerVersionArn"])

    def packages(self, logical_id: str, code: Path) -> Path | None:
        """Install what a function requires; the folder, or None if it requires nothing."""
        return build_packages(logical_id, code, self._state / "functions", self._progress)

    def unpacked(self, file: Path) -> Path:
        """A folder with what's in an archive, or with a link to the file if it's none, so that edits are live."""
        if not zipfile.is_zipfile(file):
            return build_once(self._state / "files" / digest_of(str(file))[:32], lambda folder: _link(file, folder))
        return build_once(self._state / "files" / digest_of(file)[:32], lambda folder: unpack(file, folder))

    def source(self, folder: Path, packages: Path | None = None) -> str:
        """The s3 uri that stands for a folder that's run in place, with the packages it requires."""
        key, content = pointer(folder, packages)
        self._clients("s3").put_object(Bucket=SOURCE_BUCKET, Key=key, Body=content)
        return f"s3://{SOURCE_BUCKET}/{key}"


def _link(file: Path, folder: Path) -> None:
    (folder / file.name).symlink_to(file)


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

    def packages(self, logical_id: str, code: Path) -> Path | None:  # noqa: ARG002
        """Nothing: the container has them."""
        return None
