"""The base image is pinned by the digest of what its registry has, or nothing is changed."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from delivery.base_image import pin_base_image
from delivery.errors import DeliveryFailed
from tests.loops import ROOT

INDEX = b'{"schemaVersion": 2, "manifests": []}'
DIGEST = hashlib.sha256(INDEX).hexdigest()
CHALLENGE = 'Bearer realm="https://registry.test/token/",service="registry.test",scope="aws"'
DOCKERFILE = "FROM registry.test/lambda/python:3.13\nRUN pip install numpy\n"


def registry(digest: str = f"sha256:{DIGEST}", status: int = 200) -> Callable[[httpx.Request], httpx.Response]:
    """A registry with one image, which it shows to whoever has fetched a token."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token/":
            assert dict(request.url.params) == {"service": "registry.test", "scope": "aws"}
            return httpx.Response(200, json={"token": "anybody"})
        assert request.url == "https://registry.test/v2/lambda/python/manifests/3.13"
        if request.headers.get("authorization") != "Bearer anybody":
            return httpx.Response(401, headers={"www-authenticate": CHALLENGE})
        assert "index" in request.headers["accept"]
        return httpx.Response(status, content=INDEX, headers={"docker-content-digest": digest})

    return answer


def pin(file: Path, handler: Callable[[httpx.Request], httpx.Response]) -> str:
    with httpx.Client(transport=httpx.MockTransport(handler)) as client:
        return pin_base_image(file, client)


@pytest.mark.parametrize("before", ["", f"@sha256:{'0' * 64}"])
def test_the_digest_behind_the_tag_is_written_into_the_dockerfile(tmp_path: Path, before: str) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(DOCKERFILE.replace("3.13\n", f"3.13{before}\n"))
    assert pin(file, registry()) == f"registry.test/lambda/python:3.13@sha256:{DIGEST}"
    assert file.read_text() == DOCKERFILE.replace("3.13\n", f"3.13@sha256:{DIGEST}\n")


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (registry(f"sha256:{'0' * 64}"), "its registry says 000"),
        (registry(""), "its registry says none"),
        (registry(status=404), "could not be asked for the digest: Client error '404"),
    ],
)
def test_what_the_registry_does_not_vouch_for_is_not_pinned(
    tmp_path: Path, handler: Callable[[httpx.Request], httpx.Response], message: str
) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(DOCKERFILE)
    with pytest.raises(DeliveryFailed, match=message):
        pin(file, handler)
    assert file.read_text() == DOCKERFILE


@pytest.mark.parametrize("text", ["FROM python\n", DOCKERFILE + DOCKERFILE, DOCKERFILE + "FROM scratch\n"])
def test_a_dockerfile_without_one_base_image_of_a_registry_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(text)
    with pytest.raises(DeliveryFailed, match="must have one FROM"):
        pin(file, registry())


def test_no_image_but_the_base_image_of_lambda_is_without_a_digest() -> None:
    froms = [
        line
        for file in ROOT.glob("layers/*/Dockerfile")
        for line in re.findall(r"^FROM .*", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert froms
    # docs/security.md says why this one is, and `scripts/pin-base-image` pins it.
    assert [line for line in froms if not re.search(r"@sha256:[0-9a-f]{64}$", line)] in (
        [],
        ["FROM public.ecr.aws/lambda/python:3.13"],
    )
