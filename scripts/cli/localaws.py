"""The local AWS that `scripts/start` of this checkout runs, found by the settings that it writes."""

import shlex
import socket
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from urllib.parse import urlsplit

ENDPOINT = "AWS_ENDPOINT_URL"
ENVIRONMENT = Path(__file__).parents[2] / ".localaws" / "env"
# Who sets one of these says which AWS is meant.
CHOICES = (ENDPOINT, "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
_SECONDS = 0.5


def use_local_aws(environ: MutableMapping[str, str], file: Path | None = None) -> None:
    """Set the AWS settings of the local AWS that runs, unless the environment names an AWS already."""
    file = file or ENVIRONMENT
    if any(environ.get(name) for name in CHOICES) or not file.exists():
        return
    settings = read_settings(file.read_text(encoding="utf-8"))
    if answers(settings.get(ENDPOINT, "")):
        environ.update(settings)


def endpoint_of(environ: Mapping[str, str]) -> str:
    """The address of the AWS endpoint that is set; "" for AWS itself."""
    return environ.get(ENDPOINT, "")


def killed_endpoint(file: Path | None = None) -> str | None:
    """The address of a local AWS that was killed: it left its settings behind, and nothing answers any more."""
    file = file or ENVIRONMENT
    if not file.exists():
        return None
    endpoint = read_settings(file.read_text(encoding="utf-8")).get(ENDPOINT, "")
    return endpoint if endpoint and not answers(endpoint) else None


def read_settings(text: str) -> dict[str, str]:
    """The variables that a shell would have after sourcing the text."""
    words = (shlex.split(line) for line in text.splitlines())
    pairs = (assigned.partition("=") for export, assigned in words if export == "export")
    return {name: value for name, _, value in pairs}


def answers(endpoint: str) -> bool:
    """Whether somebody listens there."""
    address = urlsplit(endpoint)
    if not address.hostname or not address.port:
        return False
    try:
        with socket.create_connection((address.hostname, address.port), _SECONDS):
            return True
    except OSError:
        return False
