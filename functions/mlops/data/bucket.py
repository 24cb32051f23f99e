"""The data bucket: datasets in, reports out."""

from typing import Any


class S3Bucket:
    """A versioned S3 bucket, through a boto3 client."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def read(self, key: str, version: str | None) -> bytes:
        """The bytes of exactly this version of an object; of the newest if the bucket has none."""
        chosen = {"VersionId": version} if version else {}
        content: bytes = self._client.get_object(Bucket=self._name, Key=key, **chosen)["Body"].read()
        return content

    def write(self, key: str, content: bytes) -> None:
        """Put an object of JSON."""
        self._client.put_object(Bucket=self._name, Key=key, Body=content, ContentType="application/json")
