"""The base image of functions: AWS's if it can be pulled, else a replacement made from Debian packages.

The replacement has the contents of AWS's runtime image: Python 3.13 with pip and boto3, awslambdaric, the folders and
the entry point. It also has this machine's certificates and package index, so that images can be built on it. It's for
this machine only and never pushed.
"""

import configparser
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from docker.errors import APIError, ImageNotFound, NotFound

from localaws.builds.managed_runtime import pinned_with_dependencies
from localaws.builds.tools import run_tool, uv_install
from localaws.samlocal.errors import SamFailed
from localaws.samlocal.packages import install_missing

# The `FROM` of functions' images, and the image in which the SAM CLI runs zip functions.
NAMES = ("public.ecr.aws/lambda/python:3.13", "public.ecr.aws/lambda/python:3.13-x86_64")
_LABEL = "localaws.stand-in"
_SUITE = "trixie"  # its Python is 3.13
_FILES = Path(__file__).parent / "image"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_VARIABLES = {
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/var/runtime:/var/task:/var/task/lib:/opt/lib",
    "LANG": "en_US.UTF-8",
    "TZ": ":/etc/localtime",
}
_PIP_FILES = (Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf")
_INDEX_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy")

Progress = Callable[[str], None]


def provide_base_image(client: Any, progress: Progress) -> bool:
    """Pull or build the image under both names; returns whether it's the replacement.

    Raises SamFailed, DockerUnavailable.
    """
    wanted = recipe()
    missing = [name for name in NAMES if not _is_current(client, name, wanted) and not _pull(client, name, progress)]
    if missing:
        _build(client, wanted, missing, progress)
    return any(_label(client, name) for name in NAMES)


def untag_replacement(client: Any) -> None:
    """Remove AWS's names from the replacement, on an engine that is used by others too."""
    for name in NAMES:
        if _label(client, name):
            client.images.remove(name, noprune=True)


def _is_current(client: Any, name: str, wanted: str) -> bool:
    try:
        image = client.images.get(name)
    except ImageNotFound:
        return False
    return bool(image.labels.get(_LABEL, wanted) == wanted)


def _label(client: Any, name: str) -> str | None:
    try:
        label: str | None = client.images.get(name).labels.get(_LABEL)
    except ImageNotFound:
        return None
    return label


def _pull(client: Any, name: str, progress: Progress) -> bool:
    try:
        client.images.pull(name)
    except (APIError, NotFound) as error:
        progress(f"{name} can't be pulled ({str(error.explanation or error).splitlines()[0]})")
        return False
    progress(f"pulled {name}")
    return True


def recipe() -> str:
    """A digest of the contents of the replacement."""
    total = hashlib.sha256()
    for part in (_SUITE, *_pins(), *map(str, sorted(_VARIABLES.items())), pip_settings(), *_scripts().values()):
        total.update(part.encode() + b"\0")
    if _CERTIFICATES.exists():
        total.update(_CERTIFICATES.read_bytes())
    return total.hexdigest()[:16]


def _pins() -> tuple[str, ...]:
    return pinned_with_dependencies(("awslambdaric", "boto3"))


def _scripts() -> dict[str, str]:
    """Path in the image → source of each script."""
    return {
        "var/runtime/bootstrap": (_FILES / "bootstrap").read_text(),
        "lambda-entrypoint.sh": (_FILES / "lambda-entrypoint.sh").read_text(),
        "usr/local/bin/pip": (_FILES / "pip").read_text(),
    }


def _build(client: Any, label: str, names: list[str], progress: Progress) -> None:
    install_missing({"debootstrap": "debootstrap"}, progress)
    progress("building a replacement from Debian packages (about a minute)")
    with tempfile.TemporaryDirectory(prefix="localaws-base-image-") as scratch:
        root = Path(scratch) / "root"
        packages = "--include=python3,ca-certificates"
        run_tool("debootstrap", ["debootstrap", "--variant=minbase", packages, _SUITE, str(root)], Path(scratch))
        _furnish(root)
        _import(client, root, label, names)


def _furnish(root: Path) -> None:
    """Add AWS's runtime, pip and this machine's settings to a Debian root."""
    runtime = root / "var/runtime"
    uv_install(
        "installing the runtime of the replacement image", runtime, ["--no-deps", "--compile-bytecode", *_pins()], root
    )
    libraries = root / "usr/local/lib/python3.13/dist-packages"
    uv_install("installing pip into the replacement image", libraries, ["pip"], root)
    for path, text in _scripts().items():
        file = root / path
        file.write_text(text)
        file.chmod(0o755)
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3.13")
    (root / "var/task").mkdir()
    # Debian doesn't let pip install into its Python; in this image nothing else uses it.
    (root / "usr/lib/python3.13/EXTERNALLY-MANAGED").unlink(missing_ok=True)
    for cache in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale", "usr/share/man"):
        shutil.rmtree(root / cache, ignore_errors=True)
    if _CERTIFICATES.exists():
        shutil.copy(_CERTIFICATES, root / "etc/ssl/certs/ca-certificates.crt")
    (root / "etc/pip.conf").write_text(pip_settings())


def _import(client: Any, root: Path, label: str, names: list[str]) -> None:
    changes = [
        'ENTRYPOINT ["/lambda-entrypoint.sh"]',
        "WORKDIR /var/task",
        "ENV " + " ".join(f"{name}={value}" for name, value in _VARIABLES.items()),
        f"LABEL {_LABEL}={label}",
    ]
    archive = root.with_suffix(".tar")
    run_tool(
        "importing the replacement image",
        ["tar", "--create", f"--file={archive}", f"--directory={root}", "."],
        root.parent,
    )
    repository, _, tag = names[0].partition(":")
    answer = client.api.import_image_from_file(str(archive), repository=repository, tag=tag, changes=changes)
    if "error" in answer:
        raise SamFailed(f"Docker didn't import the replacement image: {answer}")
    for name in names[1:]:
        client.images.get(names[0]).tag(*name.split(":"))


def pip_settings(environ: Mapping[str, str] = os.environ) -> str:
    """A pip.conf with this machine's package index and the path of the certificates in the image."""
    found = configparser.ConfigParser(interpolation=None)
    found.read(_PIP_FILES)
    settings = {"cert": str(_CERTIFICATES)} if _CERTIFICATES.exists() else {}
    for name in _INDEX_SETTINGS:
        value = environ.get(f"PIP_{name.upper().replace('-', '_')}") or found.get("global", name, fallback=None)
        # A container doesn't have this machine's folders.
        kept = [word for word in (value or "").split() if not word.startswith(("file:", "/"))]
        if kept:
            settings[name] = " ".join(kept)
    return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items())
