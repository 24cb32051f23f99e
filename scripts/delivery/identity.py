"""AWS credentials of a pipeline: the token that its server issues (OpenID Connect), in place of stored keys.

AWS's clients read the token from the file that AWS_WEB_IDENTITY_TOKEN_FILE names, for the role AWS_ROLE_ARN. GitLab,
CircleCI and Jenkins give it as a variable.
"""

import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

VARIABLES = ("AWS_WEB_IDENTITY_TOKEN", "CIRCLE_OIDC_TOKEN_V2")
TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"  # noqa: S105


@contextmanager
def token_file(environ: MutableMapping[str, str]) -> Iterator[None]:
    """Put the token of the pipeline's server in a file that only this user can read, until the block ends.

    Nothing is done without a role, or where a file is named already.
    """
    token = next((environ[name] for name in VARIABLES if environ.get(name)), None)
    if token is None or not environ.get("AWS_ROLE_ARN") or environ.get(TOKEN_FILE):
        yield
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(token)
        file.flush()
        environ[TOKEN_FILE] = file.name
        try:
            yield
        finally:
            del environ[TOKEN_FILE]
