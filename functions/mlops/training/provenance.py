"""What a version was trained on, by its manifest: the dataset, whose digest is checked, and the spec as it was then."""

from dataclasses import replace
from typing import Any

import pandas as pd

from mlops.data.bucket import S3Bucket
from mlops.data.digest import digest_content
from mlops.data.load import load_dataset
from mlops.errors.data import DatasetGone, DatasetLost
from mlops.registry.manifest.manifest import Manifest, VersionManifest
from mlops.spec import ModelSpec, load_table_spec


def fetch_dataset(s3: Any, manifest: VersionManifest) -> bytes:
    """The bytes that the version was trained on, through a boto3 client of S3.

    Raises DatasetLost if they were deleted, or if what lies at their address has another digest.
    """
    dataset = manifest.dataset
    bucket, _, key = dataset.uri.removeprefix("s3://").partition("/")
    try:
        content = S3Bucket(s3, bucket).fetch(key, dataset.s3_version).content
    except DatasetGone as error:
        reason = f"S3 version {dataset.s3_version} was deleted, and nothing can replace it"
        raise DatasetLost(manifest.model, manifest.version, dataset.uri, reason) from error
    if digest_content(content) != dataset.sha256:
        raise DatasetLost(manifest.model, manifest.version, dataset.uri, "its digest differs from the recorded one")
    return content


def recorded_spec(manifest: Manifest) -> ModelSpec:
    """The model's spec with the contract and seed that the version was trained with.

    What the spec says today about columns that the version didn't have is left out.
    """
    contract, spec = manifest.contract, load_table_spec(manifest.model)
    if contract == spec.contract:
        return replace(spec, seed=manifest.seed)

    def known(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if name in contract.names)

    return replace(
        spec,
        columns=contract.columns,
        target=contract.target,
        seed=manifest.seed,
        key=known(spec.key),
        vouched=known(spec.vouched),
        slices=known(spec.slices),
        invariances=(),
        directions=(),
        split="random",
        time=None,
        group=(),
    )


def valid_rows(content: bytes, name: str, spec: ModelSpec) -> pd.DataFrame:
    """The dataset's rows that keep the contract, in its order. Raises DatasetRejected, as a training on it would."""
    data = load_dataset(content, name, spec)
    # As a training has them: with what tells rows apart that repeat by chance, and the groups.
    return pd.concat([data.train, data.test]).sort_index()
