"""Pins the base image of a Dockerfile: by the digest that the image's registry has for its tag now."""

import hashlib
import re
from pathlib import Path

import httpx

from delivery.errors import DeliveryFailed

_FROM = re.compile(
    r"^FROM (?P<host>[^/\s]+)/(?P<repository>[^:@\s]+):(?P<tag>[^@\s]+)(?:@sha256:[0-9a-f]{64})?$", re.MULTILINE
)
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
# The manifests of an image for several architectures: `sam build` takes the function's.
_INDEXES = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"


def pin_base_image(dockerfile: Path, client: httpx.Client) -> str:
    """Write the digest behind the tag of the one FROM; returns the reference. Raises DeliveryFailed."""
    text = dockerfile.read_text(encoding="utf-8")
    found = [*_FROM.finditer(text)]
    if len(found) != 1 or text.count("\nFROM ") + text.startswith("FROM ") != 1:
        raise DeliveryFailed(f"{dockerfile} must have one FROM, with registry, repository and tag.")
    (base,) = found
    url = f"https://{base['host']}/v2/{base['repository']}/manifests/{base['tag']}"
    try:
        digest = _digest(client, url)
    except httpx.HTTPError as error:
        raise DeliveryFailed(f"{base['host']} could not be asked for the digest: {error}. Nothing is pinned.") from None
    reference = f"{base['host']}/{base['repository']}:{base['tag']}@sha256:{digest}"
    dockerfile.write_text(_FROM.sub(f"FROM {reference}", text), encoding="utf-8")
    return reference


def _digest(client: httpx.Client, url: str) -> str:
    """The SHA-256 of a manifest, in hexadecimal digits.

    https://distribution.github.io/distribution/spec/api/#pulling-an-image-manifest
    """
    headers = {"accept": _INDEXES}
    answer = client.get(url, headers=headers)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        headers["authorization"] = f"Bearer {_token(client, answer.headers['www-authenticate'])}"
        answer = client.get(url, headers=headers)
    digest = hashlib.sha256(answer.raise_for_status().content).hexdigest()
    named = answer.headers.get("docker-content-digest", "").removeprefix("sha256:")
    if named != digest:
        raise DeliveryFailed(
            f"{url} has the digest {digest}, and its registry says {named or 'none'}. Nothing is pinned."
        )
    return digest


def _token(client: httpx.Client, challenge: str) -> str:
    """A token for whoever asks, as public registries give it.

    https://distribution.github.io/distribution/spec/auth/token/
    """
    given = dict(_PARAMETER.findall(challenge))
    answer = client.get(given.pop("realm"), params=given)
    return str(answer.raise_for_status().json()["token"])
