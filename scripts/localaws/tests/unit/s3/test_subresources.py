"""Operations of S3 that moto lacks."""

from __future__ import annotations

import pytest

from localaws.s3.subresources import is_known


@pytest.mark.parametrize(
    ("method", "path", "parameters", "known"),
    [
        ("GET", "/b", [], True),
        ("GET", "/b", ["list-type", "prefix"], True),
        ("PUT", "/b/k", ["partNumber", "uploadId"], True),
        ("PUT", "/b/k", ["retention"], True),
        ("GET", "/b/k", ["retention"], False),
        ("GET", "/b", ["metrics", "id"], False),
        ("PUT", "/b/k", ["renameObject"], False),
        ("PUT", "/b", ["encryption"], True),
        ("PUT", "/b/k/l", ["encryption"], False),
        ("DELETE", "/b", ["inventory", "id"], False),
        ("GET", "/b", ["inventory"], True),
    ],
)
def test_a_request_for_an_unknown_subresource_is_found(
    method: str, path: str, parameters: list[str], known: bool
) -> None:
    assert is_known(method, path, parameters) is known
