"""What S3 reports of an uploaded object, through EventBridge."""

import json
from dataclasses import dataclass
from typing import Self

from mlops.errors.data import EventInvalid


@dataclass(frozen=True, kw_only=True)
class ObjectCreated:
    """An object that was put into a bucket; `s3_version` is None if the bucket isn't versioned."""

    bucket: str
    key: str
    s3_version: str | None

    @classmethod
    def from_message(cls, body: str) -> Self:
        """From an "Object Created" event of S3, as JSON. Raises EventInvalid for anything else.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        """
        try:
            detail = json.loads(body)["detail"]
            found = detail["object"]
            return cls(bucket=detail["bucket"]["name"], key=found["key"], s3_version=found.get("version-id"))
        except json.JSONDecodeError as error:
            raise EventInvalid(f"it isn't JSON ({error})") from error
        except KeyError as error:
            raise EventInvalid(f"it has no {error}") from error
        except TypeError as error:
            raise EventInvalid("its parts aren't objects") from error
