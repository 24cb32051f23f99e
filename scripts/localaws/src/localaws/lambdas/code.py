"""The folders of a function version's code and layers, and the built images."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from localaws.builds.cache import UNFINISHED
from localaws.builds.image_files import Image
from localaws.builds.scratch import Scratch

# The bucket with pointers to source folders; see `pointer`.
SOURCE_BUCKET = "localaws-source"


@dataclass(frozen=True)
class Located:
    """A folder of code; `in_place` if it's a source folder, whose edits are live. `packages` has its requirements."""

    folder: Path
    in_place: bool
    packages: Path | None = None


def pointer(folder: Path, packages: Path | None = None) -> tuple[str, bytes]:
    """Key and content of the object in the source bucket that points to `folder` and its packages."""
    named = {"folder": str(folder)} | ({"packages": str(packages)} if packages else {})
    content = json.dumps(named).encode()
    return f"{hashlib.sha256(content).hexdigest()[:16]}/{folder.name}", content


def unpack(archive: Path | BinaryIO, folder: Path) -> None:
    """Unpack a zip archive into `folder`, with the files' execute bits."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
        for entry in opened.infolist():
            mode = entry.external_attr >> 16
            if mode and not entry.is_dir():
                (folder / entry.filename).chmod(mode & 0o777 | 0o400)


class CodeStore:
    """Unpacks uploaded code under `home`, one folder per content digest, and resolves pointers."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def locate(self, code: Mapping[str, Any], content: bytes) -> Located:
        """The folder of a function's or layer's code; `content` is the object or archive that `code` refers to."""
        if code.get("S3Bucket") == SOURCE_BUCKET:
            named = json.loads(content)
            packages = Path(named["packages"]) if "packages" in named else None
            return Located(Path(named["folder"]), True, packages)
        folder = self._home / hashlib.sha256(content).hexdigest()
        if not folder.exists():
            self._unpack(content, folder)
        return Located(folder, False)

    def _unpack(self, content: bytes, folder: Path) -> None:
        with Scratch(self._home, UNFINISHED) as scratch:
            unpack(io.BytesIO(content), scratch.path)
            scratch.path.chmod(0o755)
            try:
                # Renamed when complete, so that an interrupted extraction is never used.
                scratch.path.rename(folder)
            except OSError:
                if not folder.exists():
                    raise


class ImageStore:
    """The images that local AWS has built, by URIs like those of ECR."""

    def __init__(self, account: str, region: str) -> None:
        self._registry = f"{account}.dkr.ecr.{region}.amazonaws.com"
        self._images: dict[str, Image] = {}

    def add(self, name: str, image: Image) -> str:
        """Add an image; returns its URI, which contains its digest."""
        uri = f"{self._registry}/{name.lower()}:{image.digest[:16]}"
        self._images[uri] = image
        return uri

    def alias(self, uri: str, other: str) -> None:
        """Give an image a second URI."""
        self._images[uri] = self._images[other]

    def get(self, uri: str) -> Image | None:
        """The image of a URI, or None."""
        return self._images.get(uri)
