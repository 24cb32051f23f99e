"""The data bucket: datasets in, reports and rejected rows out."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from mlops.errors.data import DatasetGone

INCIDENT = "incident"
"""The S3 metadata of a dataset that an incident assembled: the incident's id."""
# What S3 answers for an object that isn't there, for a version of it that isn't, and for one that is a delete marker.
GONE = ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed")
# A HEAD has no body, so that its error is the status alone: the object may be gone, or the bucket.
HEAD_GONE = ("404", "405")


@dataclass(frozen=True)
class Fetched:
    """An object's bytes, and its S3 version; the id of the incident that assembled a dataset, None where none did."""

    content: bytes
    incident: str | None = None
    s3_version: str | None = None


class S3Bucket:
    """A versioned S3 bucket, through a boto3 client."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def size(self, key: str, version: str | None) -> int:
        """The bytes that an object has, without reading it. Raises DatasetGone if it was deleted."""
        chosen = {"VersionId": version} if version else {}
        try:
            return int(self._client.head_object(Bucket=self._name, Key=key, **chosen)["ContentLength"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in HEAD_GONE:
                raise
        return len(self.fetch(key, version).content)  # it says which of them isn't there

    def fetch(self, key: str, version: str | None) -> Fetched:
        """Exactly this version of a dataset; the newest if the bucket has no versions.

        Raises DatasetGone if it was deleted.
        """
        chosen = {"VersionId": version} if version else {}
        try:
            found = self._client.get_object(Bucket=self._name, Key=key, **chosen)
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                raise DatasetGone(key, version) from error
            raise
        return Fetched(found["Body"].read(), found["Metadata"].get(INCIDENT), found.get("VersionId"))

    def write(self, key: str, content: bytes) -> None:
        """Put an object of JSON, or of JSON Lines if its name ends in .jsonl."""
        kind = "application/x-ndjson" if key.endswith(".jsonl") else "application/json"
        self._client.put_object(Bucket=self._name, Key=key, Body=content, ContentType=kind)
