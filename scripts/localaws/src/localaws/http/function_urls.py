"""Function URLs of functions and aliases, with AuthType NONE or AWS_IAM.

https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.awslambda import responses
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.core.exceptions import JsonRESTError

from localaws.http.servers import HttpServers
from localaws.http.sites import UrlSite
from localaws.lambdas.function_names import split
from localaws.lambdas.validation import InvalidRequest
from localaws.moto_patches import MotoPatches

Answer = tuple[int, dict[str, Any], str]
# Neither versions nor $LATEST have URLs of their own.
_ALIAS = re.compile(r"((?!^\d+$)^[0-9a-zA-Z-_]+$)")


class NoSuchUrl(JsonRESTError):
    """The function has no URL."""

    code = 404

    def __init__(self) -> None:
        super().__init__("ResourceNotFoundException", "The resource you requested does not exist.")


class UrlTaken(JsonRESTError):
    """The function or the alias already has a URL."""

    code = 409

    def __init__(self, arn: str) -> None:
        super().__init__("ResourceConflictException", f"FunctionUrlConfig exists for this Lambda function: {arn}")


class FunctionUrls:
    """The URLs by function and qualifier, each served by `servers`."""

    def __init__(self, servers: HttpServers) -> None:
        self._servers = servers
        self._urls: dict[tuple[str, str | None], dict[str, Any]] = {}
        self._sites: dict[tuple[str, str | None], str] = {}

    def forget(self, name: str) -> None:
        """Stop serving a deleted function."""
        for key in [key for key in self._urls if key[0] == name]:
            self._remove(key)

    def forget_all(self) -> None:
        """Stop serving every URL."""
        for key in list(self._urls):
            self._remove(key)

    def install(self, patches: MotoPatches) -> None:
        """Replace moto's operations: moto stores one URL per function and doesn't serve it."""
        operations: dict[str, Callable[[Any], Answer]] = {
            "create_function_url_config": self._create,
            "update_function_url_config": self._update,
            "get_function_url_config": self._get,
            "delete_function_url_config": self._delete,
        }
        for name, operation in operations.items():
            patches.replace_method(responses.LambdaResponse, name, operation)

    def _create(self, request: Any) -> Answer:
        key, function = self._addressed(request)
        if key[1] is not None and not _ALIAS.fullmatch(key[1]):
            raise InvalidRequest(
                key[1], "qualifier", f"Member must satisfy regular expression pattern: {_ALIAS.pattern}"
            )
        arn = f"{function.function_arn.split(':function:')[0]}:function:{key[0]}" + (f":{key[1]}" if key[1] else "")
        if key in self._urls:
            raise UrlTaken(arn)
        configuration = dict(request.json_body)
        _check_supported(configuration)
        site = UrlSite(uuid.uuid4().hex, arn, configuration)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        self._urls[key] = configuration | {
            "FunctionUrl": f"{self._servers.start(site)}/",
            "FunctionArn": arn,
            "InvokeMode": "BUFFERED",
            "CreationTime": now,
            "LastModifiedTime": now,
        }
        # The site shares this dict, so that updates take effect.
        site.configuration = self._urls[key]
        self._sites[key] = site.id
        return 201, {"status": 201}, json.dumps(self._urls[key])

    def _update(self, request: Any) -> Answer:
        key = self._known(request)
        given = {name: value for name, value in request.json_body.items() if value is not None}
        _check_supported(self._urls[key] | given)
        self._urls[key].update(given)
        return 200, {"status": 200}, json.dumps(self._urls[key])

    def _get(self, request: Any) -> Answer:
        return 200, {"status": 200}, json.dumps(self._urls[self._known(request)])

    def _delete(self, request: Any) -> Answer:
        self._remove(self._known(request))
        return 204, {"status": 204}, "{}"

    def _remove(self, key: tuple[str, str | None]) -> None:
        del self._urls[key]
        self._servers.stop(self._sites.pop(key))

    def _known(self, request: Any) -> tuple[str, str | None]:
        key, _ = self._addressed(request)
        if key not in self._urls:
            raise NoSuchUrl
        return key

    @staticmethod
    def _addressed(request: Any) -> tuple[tuple[str, str | None], Any]:
        name, qualifier = split(
            unquote(request.path.split("/")[-2]), (request.querystring.get("Qualifier") or [None])[0]
        )
        return (name, qualifier), request.backend.get_function(name, qualifier)


def _check_supported(configuration: dict[str, Any]) -> None:
    auth, mode = configuration.get("AuthType"), configuration.get("InvokeMode") or "BUFFERED"
    if auth not in ("NONE", "AWS_IAM"):
        raise InvalidParameterValueException(f"AuthType must be NONE or AWS_IAM, not {auth}.")
    if mode != "BUFFERED":
        raise InvalidParameterValueException(f"Local AWS supports function URLs with InvokeMode BUFFERED, not {mode}.")
