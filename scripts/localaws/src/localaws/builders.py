"""Builds the layers, images and packages of a template, and returns a URI for each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from localaws.builds.cache import build_once, digest_of
from localaws.builds.dockerignore import DockerIgnore
from localaws.builds.image import build_image
from localaws.builds.image_files import Image
from localaws.builds.layer import build_layer, build_public_layer
from localaws.builds.packages import build_packages
from localaws.lambdas.code import SOURCE_BUCKET, ImageStore, pointer, unpack
from localaws.resource_types.base import Clients
from localaws.template.assembly import Assets
from localaws.template.public_layers import PublicLayer

# The version of the CDK's bootstrap stack that templates ask for.
_BOOTSTRAP_VERSION = "30"


class LocalBuilders:
    """Builds layers and images under `state`, and stores pointers to source folders in the source bucket.

    `own_root`: functions have a root file system of their own.
    """

    def __init__(
        self,
        state: Path,
        clients: Clients,
        images: ImageStore,
        progress: Callable[[str], None],
        *,
        own_root: bool = True,
    ) -> None:
        self._state, self._clients, self._images, self._progress = state, clients, images, progress
        self._own_root = own_root

    def layer(self, logical_id: str, content: Path, build_method: str | None) -> Path:
        """Build a layer; returns its folder."""
        return build_layer(logical_id, content, build_method, self._state / "layers", self._progress)

    def image(self, logical_id: str, dockerfile: Path, context: Path, arguments: Mapping[str, str]) -> str:
        """Build a container image; returns its URI."""
        image = build_image(
            dockerfile, context, dict(arguments), self._state / "images", self._progress, own_root=self._own_root
        )
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

    def template(self, text: str) -> str:
        """Upload the template of a nested stack; returns its URL."""
        s3, key = self._clients("s3"), f"templates/{digest_of(text)[:32]}"
        s3.put_object(Bucket=SOURCE_BUCKET, Key=key, Body=text.encode())
        return f"{s3.meta.endpoint_url}/{SOURCE_BUCKET}/{key}"

    def publish(self, assets: Assets) -> None:
        """Publish the assets of the CDK's templates, as `cdk deploy` does, where `cdk bootstrap` would put them."""
        s3, ssm = self._clients("s3"), self._clients("ssm")
        for bucket in sorted({asset.bucket for asset in assets.files}):
            s3.create_bucket(Bucket=bucket)
        for asset in assets.files:
            content = _zipped(asset.source) if asset.zipped else asset.source.read_bytes()
            s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=content)
        for image in assets.images:
            built = self.image(image.name, image.dockerfile, image.context, image.arguments)
            self._images.alias(image.uri, built)
        if assets.version_parameter:
            ssm.put_parameter(Name=assets.version_parameter, Value=_BOOTSTRAP_VERSION, Type="String", Overwrite=True)


def _zipped(folder: Path) -> bytes:
    """A zip archive of a folder, or the file itself if it's one."""
    if folder.is_file():
        return folder.read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return content.getvalue()


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
