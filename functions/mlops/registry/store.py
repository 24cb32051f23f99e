"""The registry's object store: a bucket, or memory for tests."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import obstore
from obstore.store import MemoryStore, S3Store

from mlops.errors.base import SettingInvalid

if TYPE_CHECKING:
    from obstore import UpdateVersion
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Credential

type Store = S3Store | MemoryStore

# S3 answers in tens of milliseconds. What hasn't answered in seconds is gone, and the caller knows what to do.
_CLIENT: "ClientConfig" = {"connect_timeout": "2s", "timeout": "20s"}
_RETRY: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}


def open_store(
    address: str, environ: Mapping[str, str] = os.environ, credentials: "Callable[[], S3Credential] | None" = None
) -> Store:
    """The object store at `s3://bucket[/prefix]` or `memory://`.

    Region, endpoint and, unless `credentials` gives them, credentials of S3 come from the ordinary AWS variables in
    `environ`; an empty AWS_ENDPOINT_URL counts as none, as it does in botocore.
    """
    if address == "memory://":
        return MemoryStore()
    if not address.startswith("s3://"):
        raise SettingInvalid("registry address", address, "it must start with s3:// or be memory://")
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    config: S3Config = {"endpoint": endpoint, "virtual_hosted_style_request": False} if endpoint else {}
    client: ClientConfig = {**_CLIENT, "allow_http": True} if (endpoint or "").startswith("http://") else _CLIENT
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options=client,
        retry_config=_RETRY,
        credential_provider=credentials,
    )


def put_json(store: Store, path: str, document: Any, condition: "Literal['create'] | UpdateVersion") -> str | None:
    """Write a small document if there's none yet ("create"), or if the one that is there still has the given tag.

    Returns the new tag. Raises obstore's AlreadyExistsError or PreconditionError where the condition fails.
    """
    content = json.dumps(document, indent=2).encode()
    return obstore.put(store, path, content, mode=condition)["e_tag"]
