"""The local AWS that `scripts/start` of this checkout runs, found by the settings that it writes."""

import shlex
import socket
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from urllib.parse import urlsplit

ENVIRONMENT = Path(__file__).parents[2] / ".localaws" / "env"
# Who sets one of these says which AWS is meant.
CHOICES = ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
_SECONDS = 0.5


def use_local_aws(environ: MutableMapping[str, str], file: Path | None = None) -> None:
    """Set the AWS settings of the local AWS that runs, unless the environment names an AWS already."""
    file = file or ENVIRONMENT
    if any(environ.get(name) for name in CHOICES) or not file.exists():
        return
    settings = _read(file)
    if _answers(settings.get("AWS_ENDPOINT_URL", "")):
        environ.update(settings)


def endpoint_of(environ: Mapping[str, str]) -> str:
    """The address of the AWS endpoint that is set; "" for AWS itself."""
    return environ.get("AWS_ENDPOINT_URL", "")


def _read(file: Path) -> dict[str, str]:
    """The variables that a shell would have after sourcing the file."""
    words = (shlex.split(line) for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (assigned.partition("=") for export, assigned in words if export == "export")
    return {name: value for name, _, value in pairs}


def _answers(endpoint: str) -> bool:
    """Whether somebody listens there."""
    address = urlsplit(endpoint)
    if not address.hostname or not address.port:
        return False
    try:
        with socket.create_connection((address.hostname, address.port), _SECONDS):
            return True
    except OSError:
        return False
