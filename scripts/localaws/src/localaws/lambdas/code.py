"""Where a function version's code, layers and image are on disk."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from localaws.builds.image import Image

# Holds pointers to folders that are run where they are; see `pointer`.
SOURCE_BUCKET = "localaws-source"


@dataclass(frozen=True)
class Located:
    """A folder of code; `in_place` if it's the user's own, whose edits are live. `packages` is what it requires."""

    folder: Path
    in_place: bool
    packages: Path | None = None


def pointer(folder: Path, packages: Path | None = None) -> tuple[str, bytes]:
    """Key and content of the object that stands for `folder`, and what it requires, in the source bucket."""
    named = {"folder": str(folder)} | ({"packages": str(packages)} if packages else {})
    content = json.dumps(named).encode()
    return f"{hashlib.sha256(content).hexdigest()[:16]}/{folder.name}", content


def unpack(archive: Path | BinaryIO, folder: Path) -> None:
    """Unpack a zip archive into `folder`, its files with the run bits that they had."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
        for entry in opened.infolist():
            mode = entry.external_attr >> 16
            if mode and not entry.is_dir():
                (folder / entry.filename).chmod(mode & 0o777 | 0o400)


class CodeStore:
    """Unpacks uploaded code under `home`, one folder a content digest, and follows pointers."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def locate(self, code: Mapping[str, Any], content: bytes) -> Located:
        """The folder with the code that a function or layer was given as `code`, whose bytes are `content`."""
        if code.get("S3Bucket") == SOURCE_BUCKET:
            named = json.loads(content)
            packages = Path(named["packages"]) if "packages" in named else None
            return Located(Path(named["folder"]), True, packages)
        folder = self._home / hashlib.sha256(content).hexdigest()
        if not folder.exists():
            self._unpack(content, folder)
        return Located(folder, False)

    def _unpack(self, content: bytes, folder: Path) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=self._home))
        try:
            unpack(io.BytesIO(content), scratch)
            scratch.chmod(0o755)
            # Renamed when whole, so that an interrupted unpacking is never taken for the code.
            scratch.rename(folder)
        except FileExistsError:
            return
        except OSError:
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


class ImageStore:
    """The container images that local AWS has built, by the uri that ECR would give them."""

    def __init__(self, account: str, region: str) -> None:
        self._registry = f"{account}.dkr.ecr.{region}.amazonaws.com"
        self._images: dict[str, Image] = {}

    def add(self, name: str, image: Image) -> str:
        """Keep an image; returns its uri, which names its content."""
        uri = f"{self._registry}/{name.lower()}:{image.digest[:16]}"
        self._images[uri] = image
        return uri

    def get(self, uri: str) -> Image | None:
        """The image of that uri, or None."""
        return self._images.get(uri)
