"""The key of the hashes of private columns, from the secret of Secrets Manager that the environment names.

A variable of a function can be read by everybody who may look at the function; a secret has a policy of its own.
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlops.errors.authorization import SecretUnavailable

if TYPE_CHECKING:
    from mlops.json_service import Credentials

KEY = "PRIVACY_KEY"
SECRET = "PRIVACY_KEY_SECRET"  # noqa: S105
_PATIENCE = 5.0  # seconds; a function has ten to start


def with_privacy_key(environ: Mapping[str, str], credentials: "Credentials | None" = None) -> Mapping[str, str]:
    """The environment with the key in PRIVACY_KEY, read from the secret in PRIVACY_KEY_SECRET if that names one.

    Raises SecretUnavailable: without the key the same user would have another hash, or none.
    """
    secret = environ.get(SECRET)
    if not secret:
        return environ
    # Imported here because it's slow to, and most that read the environment have no secret.
    from mlops.json_service import JsonService

    manager = JsonService(
        environ,
        credentials,
        service="secretsmanager",
        target="secretsmanager",
        content_type="application/x-amz-json-1.1",
        failure=SecretUnavailable,
    )
    found = manager.call("GetSecretValue", {"SecretId": secret}, _PATIENCE).get("SecretString")
    if not found:
        raise SecretUnavailable("GetSecretValue", "the secret has no text")
    return {**environ, KEY: found}
