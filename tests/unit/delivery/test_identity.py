"""The token of a pipeline's server is what AWS's clients exchange for a role's credentials."""

from pathlib import Path

import pytest

from delivery.identity import TOKEN_FILE, VARIABLES, token_file

ROLE = {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/deploy"}


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_token_lies_in_a_private_file_until_the_end(variable: str) -> None:
    environ = {**ROLE, variable: "header.payload.signature"}
    with token_file(environ):
        file = Path(environ[TOKEN_FILE])
        assert file.read_text() == "header.payload.signature"
        assert file.stat().st_mode & 0o777 == 0o600
    assert TOKEN_FILE not in environ
    assert not file.exists()


@pytest.mark.parametrize(
    "environ",
    [
        {},
        ROLE,
        {"AWS_WEB_IDENTITY_TOKEN": "token"},
        {**ROLE, "AWS_WEB_IDENTITY_TOKEN": ""},
        {**ROLE, "AWS_WEB_IDENTITY_TOKEN": "token", TOKEN_FILE: "there.jwt"},
    ],
)
def test_without_role_or_token_or_with_a_file_nothing_is_changed(environ: dict[str, str]) -> None:
    before = dict(environ)
    with token_file(environ):
        assert environ == before
    assert environ == before
