"""Credentials from a container endpoint: what a Lambda function with SnapStart has in place of access keys.

obstore knows the endpoints of ECS and EKS by itself, but not Lambda's, whose token stands in a variable.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html
https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from obstore.store import S3Credential

ADDRESS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105

_SECONDS = 5


class ContainerCredentials:
    """Asks the endpoint that the environment names, each time with the current token.

    obstore keeps an answer until shortly before it expires, so a process restored from an old snapshot asks anew.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self) -> "S3Credential":
        """The credentials of now. Raises OSError if the endpoint doesn't give any."""
        from http.client import HTTPConnection  # needed after a snapshot only, and slow to import

        address = urlsplit(self._environ[ADDRESS])
        with closing(HTTPConnection(address.hostname or "", address.port, timeout=_SECONDS)) as connection:
            connection.request("GET", address.path, headers={"Authorization": self._environ[TOKEN]})
            answer = connection.getresponse()
            content = answer.read()
        if answer.status != HTTPStatus.OK:
            raise OSError(f"{address.geturl()} gives no credentials: it answered {answer.status}")
        document = json.loads(content)
        return {
            "access_key_id": document["AccessKeyId"],
            "secret_access_key": document["SecretAccessKey"],
            "token": document["Token"],
            "expires_at": datetime.fromisoformat(document["Expiration"]),
        }


def find_credentials(environ: Mapping[str, str]) -> ContainerCredentials | None:
    """The endpoint's credentials, where the environment names one with a token and has no keys of its own."""
    if ADDRESS in environ and TOKEN in environ and "AWS_ACCESS_KEY_ID" not in environ:
        return ContainerCredentials(environ)
    return None
