"""The data bucket as retraining sees it: datasets and feedback files out, one dataset in."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

_GONE = ("NoSuchKey", "NoSuchVersion", "404")
_THERE = ("PreconditionFailed", "ConditionalRequestConflict")


class DataBucket:
    """A versioned S3 bucket, through a boto3 client."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def download(self, key: str, version: str | None, file: Path) -> bool:
        """Write exactly this version of an object (None: the newest) to a file; False if it was deleted."""
        try:
            self._client.download_file(
                self._name, key, str(file), ExtraArgs={"VersionId": version} if version else None
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise
        return True

    def list_keys(self, prefix: str) -> Iterator[str]:
        """The keys with a prefix, in order."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix):
            yield from (found["Key"] for found in page.get("Contents", []))

    def create(self, key: str, file: Path, metadata: Mapping[str, str]) -> Mapping[str, str]:
        """Put a file where there's no object yet. Returns the metadata of the object that's there then."""
        try:
            with file.open("rb") as body:
                self._client.put_object(Bucket=self._name, Key=key, Body=body, Metadata=dict(metadata), IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THERE:
                raise
            found: Mapping[str, str] = self._client.head_object(Bucket=self._name, Key=key)["Metadata"]
            return found
        return metadata

    def read_json(self, key: str) -> dict[str, Any] | None:
        """A small document, None if there's none."""
        try:
            body = self._client.get_object(Bucket=self._name, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise
        document: dict[str, Any] = json.loads(body)
        return document
