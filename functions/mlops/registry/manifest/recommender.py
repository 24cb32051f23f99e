"""The manifest of a recommender's version."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mlops.interactions import InteractionContract
from mlops.registry.manifest.manifest import VersionManifest


class CatalogVersion(BaseModel):
    """The catalogue that a version was trained with: its address, S3 version, content digest and number of items."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uri: str
    s3_version: str | None
    sha256: str
    items: int


class RecommenderManifest(VersionManifest):
    """A version of a model that answers a user's history with `k` items.

    Estimates, slices and comparisons count users as their rows. `items` and `users` are those of the training data,
    `available` the items that may be recommended. The interactions that it learnt from happened from `since` to
    `until`; None where they have no times.
    """

    kind: Literal["recommender"] = "recommender"
    interactions: InteractionContract
    k: int
    items: int
    available: int
    users: int
    since: datetime | None = None
    until: datetime | None = None
    catalog: CatalogVersion | None = None
