"""The datasets that versions were trained on, fetched again and checked to be the same."""

from dataclasses import replace

import pandas as pd
from botocore.exceptions import ClientError

from cli.errors import CommandError
from cli.stack import Stack
from mlops.data.check import check
from mlops.data.digest import digest_content
from mlops.data.read import read_dataset
from mlops.registry.manifest.manifest import Manifest
from mlops.spec import ModelSpec, load_spec


def fetch(stack: Stack, manifest: Manifest) -> bytes:
    """The bytes that the version was trained on. Raises CommandError if they're gone, or aren't the same any more."""
    dataset = manifest.dataset
    bucket, _, key = dataset.uri.removeprefix("s3://").partition("/")
    try:
        if dataset.s3_version:
            found = stack.s3.get_object(Bucket=bucket, Key=key, VersionId=dataset.s3_version)
        else:
            found = stack.s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchVersion", "404"):
            raise
        raise CommandError(
            f"{dataset.uri}, S3 version {dataset.s3_version}, was deleted; nothing can replace it."
        ) from None
    content: bytes = found["Body"].read()
    if digest_content(content) != dataset.sha256:
        raise CommandError(f"{dataset.uri} isn't what version {manifest.version} was trained on: its digest differs.")
    return content


def spec_of(manifest: Manifest) -> ModelSpec:
    """The model's spec with the contract and seed that the version was trained with.

    What the spec says today of columns that the version didn't have is left out.
    """
    contract, spec = manifest.contract, load_spec(manifest.model)
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
    )


def rows_of(content: bytes, name: str, spec: ModelSpec) -> pd.DataFrame:
    """The dataset's rows that keep the contract. Raises DatasetRejected, as a training on it would."""
    return check(read_dataset(content, name), spec).rows
