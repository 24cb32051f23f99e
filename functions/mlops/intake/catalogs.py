"""The catalogues of recommenders' items in the data bucket."""

from dataclasses import dataclass
from typing import Protocol

from mlops.data.bucket import Fetched
from mlops.data.read import FORMATS
from mlops.errors.data import DatasetGone, rejection
from mlops.intake.training import Upload


class Bucket(Protocol):
    """The data bucket."""

    def fetch(self, key: str, version: str | None) -> Fetched:
        """An object; the newest version for None. Raises DatasetGone if there is none."""


@dataclass(frozen=True)
class BucketCatalogs:
    """Finds catalogues in a bucket, whose `name` is for addresses."""

    bucket: Bucket
    name: str

    def find(self, model: str) -> Upload | None:
        """A model's catalogue as it is now, None if it has none. Raises DatasetRejected if it has several."""
        found = []
        for ending in FORMATS:
            key = catalog_key(model, ending)
            try:
                fetched = self.bucket.fetch(key, None)
            except DatasetGone:
                continue
            found.append(Upload(uri=f"s3://{self.name}/{key}", s3_version=fetched.s3_version, content=fetched.content))
        if len(found) > 1:
            names = " and ".join(each.uri for each in found)
            raise rejection("catalog", f"there are {names}: delete all catalogues but one")
        return found[0] if found else None


def catalog_key(model: str, ending: str) -> str:
    """The key of a model's catalogue, by its format's ending."""
    return f"catalogs/{model}/items{ending}"
