"""The files of this machine that a sandbox's root shows: the system's, and those of the Python that runs functions."""

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

# The folders of the system; homes, /root, /opt, /srv and others are this machine's own, and not on AWS.
_FOLDERS = ("bin", "etc", "gnu", "lib", "lib32", "lib64", "libx32", "nix", "sbin", "sys", "usr")
# Files of the system that may be links to other places.
_FILES = ("/etc/hosts", "/etc/localtime", "/etc/nsswitch.conf", "/etc/resolv.conf")
# Without these, TLS fails behind a company's proxy. They contain paths of certificates, no secrets.
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")


@cache
def system_folders() -> tuple[tuple[str, ...], dict[str, str]]:
    """The system's top-level folders, and those that are links (`/bin`: `usr/bin`), with the links' texts."""
    found = [Path("/", name) for name in _FOLDERS]
    links = {str(path): str(path.readlink()) for path in found if path.is_symlink()}
    return tuple(str(path) for path in found if path.is_dir() and str(path) not in links), links


@cache
def linked_files() -> tuple[str, ...]:
    """The files that the system's files link to, outside the system's folders (`/run/systemd/resolve/stub-….conf`)."""
    targets = {os.path.realpath(name) for name in _FILES}
    return tuple(sorted(target for target in targets if not is_of_the_system(target) and Path(target).is_file()))


def is_of_the_system(path: str) -> bool:
    """Whether a path is below one of the system's folders."""
    folders, links = system_folders()
    return f"/{path.split('/')[1]}" in {*folders, *links}


def certificates(host: Mapping[str, str]) -> dict[str, str]:
    """The variables of `host`, this machine's environment, that name existing certificates."""
    return {name: host[name] for name in _CERTIFICATES if host.get(name) and Path(host[name]).exists()}


@cache
def interpreter() -> tuple[Path, str]:
    """The folder of the base Python installation, and its program's path in there."""
    # The base interpreter, without the packages of this environment.
    program, prefix = (Path(path).resolve() for path in (sys._base_executable, sys.base_prefix))  # type: ignore[attr-defined]
    return prefix, str(program.relative_to(prefix, walk_up=True))
