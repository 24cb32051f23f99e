"""Builds the layers, images and packages of a template, and returns a URI for each."""

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
    """Builds layers and images under `state`, and stores pointers to source folders in the source bucket."""

    def __init__(self, state: Path, clients: Clients, images: ImageStore, progress: Callable[[str], None]) -> None:
        self._state, self._clients, self._images, self._progress = state, clients, images, progress

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:
        """Build a layer; returns its folder."""
        return build_layer(logical_id, content, build_method, self._state / "layers", self._progress)

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        """Build a container image; returns its URI."""
        image = build_image(dockerfile, context, dict(arguments), self._state / "images", self._progress)
        return self._images.add(logical_id, image)

    def public_layer(self, layer: PublicLayer) -> str:
        """Install the packages of a public layer and publish them as a local layer; returns its ARN."""
        folder = build_public_layer(layer.name, layer.requirement, self._state / "layers", self._progress)
        key = self.source(folder).removeprefix(f"s3://{SOURCE_BUCKET}/")
        made = self._clients("lambda").publish_layer_version(
            LayerName=layer.name, Content={"S3Bucket": SOURCE_BUCKET, "S3Key": key}
        )
        self._progress(f"note: layer {layer.name} is replaced by {layer.requirement} from PyPI")
        return str(made["LayerVersionArn"])

    def packages(self, logical_id: str, code: Path) -> Path | None:
        """Install a function's requirements; returns their folder, or None if there are none."""
        return build_packages(logical_id, code, self._state / "functions", self._progress)

    def unpacked(self, file: Path) -> Path:
        """A folder with the contents of an archive; for another file, with a link to it, so that edits are live."""
        if not zipfile.is_zipfile(file):
            return build_once(self._state / "files" / digest_of(str(file))[:32], lambda folder: _link(file, folder))
        return build_once(self._state / "files" / digest_of(file)[:32], lambda folder: unpack(file, folder))

    def source(self, folder: Path, packages: Path | None = None) -> str:
        """Store a pointer to a source folder and its packages; returns its S3 URI."""
        key, content = pointer(folder, packages)
        self._clients("s3").put_object(Bucket=SOURCE_BUCKET, Key=key, Body=content)
        return f"s3://{SOURCE_BUCKET}/{key}"


def _link(file: Path, folder: Path) -> None:
    (folder / file.name).symlink_to(file)


class NoBuilders(LocalBuilders):
    """Builds nothing: the functions run in containers, from the output of `sam build`."""

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:  # noqa: ARG002
        """Return the source folder."""
        return content

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        """Return the URI of an empty image that identifies the Dockerfile."""
        ignore = DockerIgnore.of(dockerfile, context)
        digest = digest_of(dockerfile, *(f"{name}={value}" for name, value in sorted(arguments.items())))
        image = Image(digest, self._state, "in.container", {}, (), context, ignore)
        return self._images.add(logical_id, image)

    def packages(self, logical_id: str, code: Path) -> Path | None:  # noqa: ARG002
        """Return None: the container has the packages."""
        return None
